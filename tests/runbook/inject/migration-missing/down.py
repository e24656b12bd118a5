# SPDX-License-Identifier: PostgreSQL
os.unlink(os.path.join(world.config["migrations_directory"], "20261125090000_add_call_notes.sql"))
world.sql("delete from schema_migrations where version = '20261125090000'")
world.config.pop("migrate")
