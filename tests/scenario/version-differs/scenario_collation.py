# SPDX-License-Identifier: PostgreSQL
"""The live database was made under an older system: its collation has another version."""

RESTORE = True
LIVE = True
SEVERITY = "notice"


def prepare(world):
    world.database.sql("CREATE COLLATION german (provider = icu, locale = 'de')")


def provoke(world):
    world.database.sql("UPDATE pg_collation SET collversion = '1.2' WHERE collname = 'german'")
