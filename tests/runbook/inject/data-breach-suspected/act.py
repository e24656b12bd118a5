# SPDX-License-Identifier: PostgreSQL
# the door is closed; the window passed without an alarm
world.config["breach_window"] = "1s"
time.sleep(1.2)
