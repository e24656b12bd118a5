# SPDX-License-Identifier: PostgreSQL
"""A trigger function writes to a column that was renamed since: only plpgsql_check sees into its body."""

RESTORE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("CREATE FUNCTION private.old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                       "INSERT INTO settings (name, content) VALUES (NEW.id::text, ''); RETURN NEW; END $$;"
                       "CREATE TRIGGER old AFTER DELETE ON customers FOR EACH ROW EXECUTE FUNCTION private.old()")
    world.dump_over()
