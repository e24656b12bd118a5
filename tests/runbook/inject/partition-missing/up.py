# SPDX-License-Identifier: PostgreSQL
world.config["partition_lead"] = "40d"
for row in world.sql("select 'call_logs_' || to_char(date_trunc('month', now()) + n * interval '1 month', 'YYYY_MM') from generate_series(1, 2) as n"):
    world.sql(f"drop table {row[0]}")
