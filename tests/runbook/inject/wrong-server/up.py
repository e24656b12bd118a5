# SPDX-License-Identifier: PostgreSQL
# the pinned server is another one: what a swapped address looks like from here
world.config["system_identifier"] = "7000000000000000001"
