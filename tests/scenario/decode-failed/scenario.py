# SPDX-License-Identifier: PostgreSQL
"""A disk gave back other bytes than were written."""


def provoke(world):
    world.flip(0.6)
