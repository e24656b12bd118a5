# SPDX-License-Identifier: PostgreSQL
world.sql("drop index appointments_contact_id_idx")
world.config["fk_index_size"] = str(world.sql("select pg_relation_size('appointments')")[0][0]) + "B"
