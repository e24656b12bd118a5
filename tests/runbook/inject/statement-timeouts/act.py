# SPDX-License-Identifier: PostgreSQL
# the index was added; a window passes without a cancellation
world.config["timeout_window"] = "1s"
time.sleep(1.5)
