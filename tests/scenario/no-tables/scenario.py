# SPDX-License-Identifier: PostgreSQL
"""The backup job dumps the wrong database, an empty one."""


def provoke(world):
    empty = world.server.create()
    world.dump_over(database=empty)
    empty.drop()
