# SPDX-License-Identifier: PostgreSQL
world.config.pop("partition_lead")
