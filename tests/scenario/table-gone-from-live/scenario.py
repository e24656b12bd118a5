# SPDX-License-Identifier: PostgreSQL
"""A release dropped a table."""

LIVE = True
SEVERITY = "notice"


def provoke(world):
    world.database.sql("DROP TABLE schema_migrations")
