# SPDX-License-Identifier: PostgreSQL
# the account is locked, the window passed
world.config["export_window"] = "1s"
time.sleep(1.2)
