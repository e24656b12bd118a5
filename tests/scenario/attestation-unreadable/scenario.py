# SPDX-License-Identifier: PostgreSQL
"""The attestation was cut off: the disk was full when the backup was copied to another machine."""


def prepare(world):
    world.take()


def provoke(world):
    content = world.attestation.read_text()
    world.attestation.write_text(content[:len(content) // 2])
