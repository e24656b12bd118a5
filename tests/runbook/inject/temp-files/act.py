# SPDX-License-Identifier: PostgreSQL
world.sql("select pg_stat_statements_reset()")  # the role has more memory and the counters were set back
