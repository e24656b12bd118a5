# SPDX-License-Identifier: PostgreSQL
"""The backup job dumps the data only."""


def provoke(world):
    world.dump_over("--data-only")
