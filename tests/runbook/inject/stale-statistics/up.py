# SPDX-License-Identifier: PostgreSQL
world.setting(autovacuum_naptime="2000000")
world.config["analyze_changes"] = "300"
world.sql("update webhook_events set attempts = attempts")
world.wait_for("select 1 from pg_stat_user_tables where relname = 'webhook_events' and n_mod_since_analyze > 300")
