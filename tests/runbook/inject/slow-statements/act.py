# SPDX-License-Identifier: PostgreSQL
world.sql("select pg_stat_statements_reset()")  # the index was added and the counters set back
