# SPDX-License-Identifier: PostgreSQL
"""The backup is of before a policy was mended: after a restore everybody would see the notes of their neighbour."""

RESTORE = True
LIVE = True
SEVERITY = "warning"


def prepare(world):
    world.database.sql("ALTER POLICY own_notes ON notes USING (customer <= private.signed_in())")


def provoke(world):
    world.database.sql("ALTER POLICY own_notes ON notes USING (customer = private.signed_in())")
