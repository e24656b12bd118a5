# SPDX-License-Identifier: PostgreSQL
world.setting(archive_command="false")
world.sql("select pg_switch_wal()")
world.sql("create table filler as select 1")
world.sql("drop table filler")
world.sql("select pg_switch_wal()")
world.wait_for("select 1 from pg_stat_archiver where last_failed_time > coalesce(last_archived_time, '-infinity')", 20)
