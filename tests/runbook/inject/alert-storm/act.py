# SPDX-License-Identifier: PostgreSQL
# the cause was fixed and the window passed
world.config["storm_window"] = "1s"
time.sleep(1.2)
