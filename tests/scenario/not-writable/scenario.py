# SPDX-License-Identifier: PostgreSQL
"""A trigger writes to a table that is not there any more: every change fails."""

RESTORE = True


def provoke(world):
    world.database.sql("CREATE FUNCTION private.audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                       "INSERT INTO private.audit VALUES (OLD.name); RETURN NEW; END $$;"
                       "CREATE TRIGGER audit BEFORE UPDATE ON settings FOR EACH ROW EXECUTE FUNCTION private.audit()")
    world.dump_over()
