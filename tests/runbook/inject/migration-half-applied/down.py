# SPDX-License-Identifier: PostgreSQL
world.sql("drop table if exists call_notes")
world.sql("delete from schema_migrations where version = '20261124090000'")
os.unlink(os.path.join(world.config["migrations_directory"], "20261124090000_create_call_notes.sql"))
world.config.update(world.extra_config())
