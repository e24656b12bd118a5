# SPDX-License-Identifier: PostgreSQL
# the address is blocked, the window passed
world.config["denial_window"] = "1s"
time.sleep(1.2)
