# SPDX-License-Identifier: PostgreSQL
world.config["cache_reads"] = "500"
world.sql("alter system set shared_buffers = '128kB'")
world.restart()
for _ in range(40):
    world.sql("select count(summary) from call_logs")
world.wait_for("select 1 from pg_statio_user_tables where heap_blks_read > 500")
