# SPDX-License-Identifier: PostgreSQL
world.config.pop("pg_dump", None)
