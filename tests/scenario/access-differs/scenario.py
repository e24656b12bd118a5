# SPDX-License-Identifier: PostgreSQL
"""The backup job leaves out who may do what (--no-privileges)."""

RESTORE = True
LIVE = True
SEVERITY = "warning"


def provoke(world):
    world.dump_over("--no-privileges")
