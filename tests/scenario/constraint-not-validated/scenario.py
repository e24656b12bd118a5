# SPDX-License-Identifier: PostgreSQL
"""A constraint was added without looking at the rows that were there."""

RESTORE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("ALTER TABLE notes ADD CONSTRAINT body_is_long CHECK (length(body) > 5) NOT VALID")
    world.dump_over()
