# SPDX-License-Identifier: PostgreSQL
# five minutes pass without a time-out
world.config["error_window"] = "1s"
time.sleep(1.2)
