# SPDX-License-Identifier: PostgreSQL
world.setting(archive_command=None)  # the credentials were renewed
world.sql("select pg_switch_wal()")
world.wait_for("select 1 from pg_stat_archiver where last_archived_time > last_failed_time", 90)
