# SPDX-License-Identifier: PostgreSQL
world.config["backup_role"] = "app_owner"
world.sql("drop role dumper")
