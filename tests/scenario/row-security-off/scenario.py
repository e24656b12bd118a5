# SPDX-License-Identifier: PostgreSQL
"""Row-level security was switched off on a table whose policies are still there."""

RESTORE = True


def provoke(world):
    world.database.sql("ALTER TABLE notes DISABLE ROW LEVEL SECURITY")
    world.dump_over()
