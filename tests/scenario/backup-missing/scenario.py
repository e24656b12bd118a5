# SPDX-License-Identifier: PostgreSQL
"""The backup job did not run, and the old backup was removed."""


def provoke(world):
    world.backup.unlink()
