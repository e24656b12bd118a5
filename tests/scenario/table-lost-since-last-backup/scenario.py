# SPDX-License-Identifier: PostgreSQL
"""A table was dropped between two backups."""

TARGET = True


def provoke(world):
    world.database.sql("DROP TABLE watch_channels")
    world.dump()
