# SPDX-License-Identifier: PostgreSQL
world.config["slow_mean"] = "100ms"
world.config["slow_calls"] = "5"
for _ in range(6):
    world.sql("select count(*) from contacts, pg_sleep(0.15) where notes like '%x%'", user="app_owner")
