# SPDX-License-Identifier: PostgreSQL
world.config.pop("pg_dump")  # the right client is named
