# SPDX-License-Identifier: PostgreSQL
"""The schema is restored before the rows, triggers fire while they load, and one drops some of them without a word."""

RESTORE = True
SPLIT = ""


def provoke(world):
    world.database.sql("CREATE FUNCTION private.no_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                       "IF NEW.id % 2 = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$;"
                       "CREATE TRIGGER no_twice BEFORE INSERT ON settings_log FOR EACH ROW EXECUTE FUNCTION private.no_twice()")
    world.dump_over()


def prepare(world):
    world.database.sql("CREATE TABLE settings_log AS SELECT i AS id FROM generate_series(1, 10) AS i")
