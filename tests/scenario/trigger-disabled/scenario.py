# SPDX-License-Identifier: PostgreSQL
"""Somebody disabled a trigger for an import and forgot it."""

RESTORE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("ALTER TABLE customers DISABLE TRIGGER touch")
    world.dump_over()
