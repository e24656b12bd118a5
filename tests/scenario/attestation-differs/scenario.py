# SPDX-License-Identifier: PostgreSQL
"""A bit flipped on the disk, inside a value of an uncompressed dump, where no checksum of pg_dump's covers it."""


def prepare(world):
    world.take("--backup-compress", "none")


def provoke(world):
    value = world.database.value("SELECT id || E'\\t' || organization_id || E'\\t' || first_name FROM contacts LIMIT 1").encode()
    world.replace(value, value[:-1] + bytes([value[-1] ^ 1]), 1)
