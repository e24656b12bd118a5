# SPDX-License-Identifier: PostgreSQL
"""A view divides by a value that became zero."""

RESTORE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("CREATE VIEW share AS SELECT 100 / (SELECT count(*) FROM notes WHERE customer = 99) AS percent")
    world.dump_over()
