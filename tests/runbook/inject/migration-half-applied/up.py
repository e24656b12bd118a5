# SPDX-License-Identifier: PostgreSQL
world.config["release_migration"] = "20261124090000"
world.config["release_objects"] = "public.call_logs,public.call_notes"
world.sql("insert into schema_migrations (version, name) values ('20261124090000', 'create_call_notes')")
open(os.path.join(world.config["migrations_directory"], "20261124090000_create_call_notes.sql"), "w").close()
