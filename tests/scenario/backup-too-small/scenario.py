# SPDX-License-Identifier: PostgreSQL
"""Someone pointed the backup job at an empty database; only the size tells."""

ARGUMENTS = ["--min-size", "100kB"]


def provoke(world):
    empty = world.server.create()
    empty.sql("CREATE TABLE something (id integer)")
    world.dump_over(database=empty)
    empty.drop()
