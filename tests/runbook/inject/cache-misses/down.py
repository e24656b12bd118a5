# SPDX-License-Identifier: PostgreSQL
world.config.pop("cache_reads")
world.sql("analyze")
