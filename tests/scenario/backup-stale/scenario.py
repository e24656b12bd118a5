# SPDX-License-Identifier: PostgreSQL
"""The backup job has not run for two days."""


def provoke(world):
    world.at(2 * 86400)
