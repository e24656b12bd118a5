# SPDX-License-Identifier: PostgreSQL
"""An index calls a function that finds its own function only with the search path of the application."""

RESTORE = True


def provoke(world):
    world.database.sql("CREATE FUNCTION squeeze(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT replace($1, ' ', '') $$;"
                       "CREATE FUNCTION folded(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower(squeeze($1)); END $$;"
                       "CREATE INDEX customers_folded ON customers (folded(name))")
    world.dump_over()
