# SPDX-License-Identifier: PostgreSQL
"""A dump of the rows with triggers off, restored behind its schema, lost a parent: the constraint still says valid."""

RESTORE = True
SPLIT = "SET session_replication_role = replica;\n"


def provoke(world):
    world.database.sql("SET session_replication_role = replica; DELETE FROM customers WHERE id = 7")
    world.dump_over()
