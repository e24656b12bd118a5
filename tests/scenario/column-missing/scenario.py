# SPDX-License-Identifier: PostgreSQL
"""A release added a column after the backup was taken."""

LIVE = True


def provoke(world):
    world.database.sql("ALTER TABLE profiles ADD COLUMN nickname text")
