# SPDX-License-Identifier: PostgreSQL
# the code was fixed, an hour passed: the window moves on
world.config["deadlock_window"] = "1s"
time.sleep(1.5)
