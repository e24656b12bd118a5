# SPDX-License-Identifier: PostgreSQL
"""A materialised view of the archive fills itself from another server."""

RESTORE = True


def prepare(world):
    world.database.sql("CREATE EXTENSION dblink")


def provoke(world):
    world.database.sql("CREATE MATERIALIZED VIEW sent AS SELECT * FROM dblink("
                       f"$$host={world.server.socket} user=postgres dbname={world.database.name}$$, 'SELECT 1') AS far (id integer)")
    world.dump_over()
