# SPDX-License-Identifier: PostgreSQL
"""The disk filled up while the backup was written."""


def provoke(world):
    world.cut(0.6)
