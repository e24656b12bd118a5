# SPDX-License-Identifier: PostgreSQL
world.sql("create role dumper login")
world.sql("grant pg_read_all_data to dumper")
world.config["backup_role"] = "dumper"
