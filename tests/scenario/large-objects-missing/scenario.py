# SPDX-License-Identifier: PostgreSQL
"""The backup job leaves large objects out."""

LIVE = True


def prepare(world):
    world.database.sql("SELECT lo_from_bytea(0, 'a file')")


def provoke(world):
    world.dump_over("--no-blobs")
