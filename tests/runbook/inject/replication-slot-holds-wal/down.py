# SPDX-License-Identifier: PostgreSQL
world.sql("select pg_drop_replication_slot(slot_name) from pg_replication_slots")
world.config.pop("slot_wal_limit")
