# SPDX-License-Identifier: PostgreSQL
"""Someone rewrote values in the live database, as many rows as before."""

LIVE = True
SEVERITY = "warning"
ARGUMENTS = ["--digests"]


def provoke(world):
    world.database.sql("UPDATE contacts SET notes = 'x' WHERE id = (SELECT id FROM contacts LIMIT 1)")
