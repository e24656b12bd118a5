# SPDX-License-Identifier: PostgreSQL
world.sql("alter system reset shared_buffers")  # a larger compute size
world.restart()
world.sql("select pg_stat_reset()")
