# SPDX-License-Identifier: PostgreSQL
"""Rows without their parent were left behind in the live database: its foreign key cannot be made again."""

RESTORE = True


def provoke(world):
    world.database.sql("SET session_replication_role = replica; DELETE FROM customers WHERE id = 7")
    world.dump_over()
