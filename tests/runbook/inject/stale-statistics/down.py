# SPDX-License-Identifier: PostgreSQL
world.config.pop("analyze_changes")
world.sql("vacuum analyze webhook_events")
world.setting(autovacuum_naptime=None)
