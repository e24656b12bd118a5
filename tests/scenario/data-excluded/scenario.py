# SPDX-License-Identifier: PostgreSQL
"""The backup job leaves out the rows of a large log."""

SEVERITY = "warning"


def provoke(world):
    world.dump_over("--exclude-table-data=audit_log")
