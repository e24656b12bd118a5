# SPDX-License-Identifier: PostgreSQL
# the route was fixed
world.config["error_window"] = "1s"
time.sleep(1.2)
