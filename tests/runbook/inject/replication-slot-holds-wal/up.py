# SPDX-License-Identifier: PostgreSQL
world.config["slot_wal_limit"] = "2MiB"
world.sql("select pg_create_physical_replication_slot('abandoned_standby', true)")
for _ in range(4):
    world.sql("create table filler as select g, repeat('x', 500) from generate_series(1, 4000) as g")
    world.sql("drop table filler")
    world.sql("select pg_switch_wal()")
