# SPDX-License-Identifier: PostgreSQL
world.config["temp_bytes"] = "1MB"
world.sql("set work_mem = '64kB'; select count(*) from (select g, repeat('x', 40) from generate_series(1, 60000) as g order by 2, 1 desc) as sorted", user="app_owner")
