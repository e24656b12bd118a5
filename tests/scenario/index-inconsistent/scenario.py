# SPDX-License-Identifier: PostgreSQL
"""The order of an index is not what it was when the index was made, as after an update of the system's collations."""

RESTORE = True
ARGUMENTS = ["--amcheck"]


def provoke(world):
    # an operator class that sorts one way for whoever builds the index and the other way for whoever checks it
    world.database.sql("""
        CREATE FUNCTION private.order_of(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
            SELECT sign($1 - $2)::integer * CASE pg_catalog.current_setting('check_function_bodies') WHEN 'off' THEN 1 ELSE -1 END $$;
        CREATE OPERATOR CLASS private.odd_order FOR TYPE integer USING btree AS
            OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 private.order_of(integer, integer);
        CREATE INDEX notes_odd ON notes (customer private.odd_order)""")
    world.dump_over()
