# SPDX-License-Identifier: PostgreSQL
"""The script ends with a statement that removes a large object it has just brought."""

RESTORE = True
FORMAT = ["-Fp", "--blobs"]


def prepare(world):
    world.database.sql("SELECT lo_from_bytea(4711, 'a picture'), lo_from_bytea(4712, 'another')")


def provoke(world):
    world.script(after=b"\nDO $$ BEGIN PERFORM pg_catalog.lo_unlink(4711); END $$;\n")
