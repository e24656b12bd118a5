# SPDX-License-Identifier: PostgreSQL
"""A migration that the application needs is not in the database that was dumped."""

RESTORE = True
TARGET = True
CONFIGURATION = """
[check migrations]
sql = SELECT value FROM public.settings WHERE name = 'schema_version'
expect = >= 42
reason = the application refuses to start with an older schema
"""


def provoke(world):
    world.database.sql("UPDATE settings SET value = '41' WHERE name = 'schema_version'")
    world.dump()
