# SPDX-License-Identifier: PostgreSQL
"""Someone forgot the WHERE of a DELETE in production."""

LIVE = True


def provoke(world):
    world.database.sql("DELETE FROM watch_channels")
