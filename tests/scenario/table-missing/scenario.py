# SPDX-License-Identifier: PostgreSQL
"""The backup job leaves a table out, and the live database has it."""

LIVE = True


def provoke(world):
    world.dump_over("--exclude-table=watch_channels")
