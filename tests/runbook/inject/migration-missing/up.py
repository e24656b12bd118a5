# SPDX-License-Identifier: PostgreSQL
open(os.path.join(world.config["migrations_directory"], "20261125090000_add_call_notes.sql"), "w").close()
world.config["migrate"] = "psql -Xqc \"insert into schema_migrations (version, name) values ('20261125090000', 'add_call_notes')\""
