# SPDX-License-Identifier: PostgreSQL
world.config.pop("dead_rows")
world.setting(autovacuum_naptime=None)
