# SPDX-License-Identifier: PostgreSQL
"""The schema is restored before the rows, and a trigger stamps every row with the time of the restore."""

RESTORE = True
SPLIT = ""


def provoke(world):
    world.database.sql("CREATE TRIGGER stamp BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION private.touch()")
    world.dump_over()
