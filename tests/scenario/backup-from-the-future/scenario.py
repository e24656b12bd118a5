# SPDX-License-Identifier: PostgreSQL
"""The clock of this machine went back two days."""


def provoke(world):
    world.at(-2 * 86400)
