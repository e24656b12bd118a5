# SPDX-License-Identifier: PostgreSQL
# the port is closed, a window passes without a guess
world.config["password_window"] = "1s"
time.sleep(1.2)
