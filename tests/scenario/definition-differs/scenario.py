# SPDX-License-Identifier: PostgreSQL
"""A release changed a default in the live database after the backup was taken."""

RESTORE = True
LIVE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("ALTER TABLE settings ALTER value SET DEFAULT 'none'")
