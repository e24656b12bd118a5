# SPDX-License-Identifier: PostgreSQL
"""A function reads a table that was dropped since."""

RESTORE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("CREATE TABLE gone (id integer);"
                       "CREATE FUNCTION how_many() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM public.gone $$;"
                       "DROP TABLE gone")
    world.dump_over()
