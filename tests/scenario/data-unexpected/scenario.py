# SPDX-License-Identifier: PostgreSQL
"""A second job wrote into the same file: there is something after its end."""


def provoke(world):
    world.write(world.bytes + b"x" * 1000)
