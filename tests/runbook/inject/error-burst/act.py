# SPDX-License-Identifier: PostgreSQL
# five minutes pass without an error
world.config["error_window"] = "1s"
time.sleep(1.2)
