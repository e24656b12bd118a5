# SPDX-License-Identifier: PostgreSQL
"""The database uses an extension that is not installed here."""

SEVERITY = "notice"


def provoke(world):
    world.replace(b"pg_trgm", b"pg_trgx")
