# SPDX-License-Identifier: PostgreSQL
world.setting(autovacuum="off")
world.sql("alter table webhook_events set (autovacuum_enabled = false)")
