# SPDX-License-Identifier: PostgreSQL
world.config.pop("prepared_age")
for row in world.sql("select gid from pg_prepared_xacts"):
    world.sql(f"rollback prepared '{row[0]}'")
