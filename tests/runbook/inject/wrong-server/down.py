# SPDX-License-Identifier: PostgreSQL
world.config["system_identifier"] = world.identifier
