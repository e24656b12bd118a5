# SPDX-License-Identifier: PostgreSQL
"""A block at the end of the script drops an index that the script has made: nothing fails, and it is not there."""

RESTORE = True
FORMAT = ["-Fp"]


def provoke(world):
    world.script(after=b"\nDO $$ BEGIN DROP INDEX public.notes_of_customer; END $$;\n")
