# SPDX-License-Identifier: PostgreSQL
"""A policy lets a signed-in customer see the notes of another one."""

RESTORE = True
TARGET = True
CONFIGURATION = """
[check own-notes]
sql = SELECT count(*) FROM public.notes
expect = 5
role = authenticated
claims = {"customer": 3}
reason = customer 3 has five notes, and sees them

[check notes-of-others]
sql = SELECT count(*) FROM public.notes WHERE customer <> 3
expect = 0
role = authenticated
claims = {"customer": 3}
reason = nobody sees the notes of somebody else
"""


def provoke(world):
    world.database.sql("CREATE POLICY friends ON notes TO authenticated USING (customer = private.signed_in() + 1)")
    world.dump()
