# SPDX-License-Identifier: PostgreSQL
# the secrets agree again, five minutes pass
world.config["error_window"] = "1s"
time.sleep(1.2)
