# SPDX-License-Identifier: PostgreSQL
# the customer has repaired the loop
world.config["rate_window"] = "1s"
time.sleep(1.2)
