# SPDX-License-Identifier: PostgreSQL
# ten minutes pass without a death
world.config["restart_window"] = "1s"
time.sleep(1.2)
