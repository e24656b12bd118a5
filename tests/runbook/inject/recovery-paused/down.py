# SPDX-License-Identifier: PostgreSQL
world.wait_for("select 1 where not pg_is_in_recovery()")
