# SPDX-License-Identifier: PostgreSQL
"""One bit of an uncompressed dump turned over on the disk: no checksum covers it, only the digests do."""

LIVE = True
SEVERITY = "warning"
FORMAT = ["-Fc", "-Z0"]
ARGUMENTS = ["--digests"]


def prepare(world):
    world.database.sql("UPDATE contacts SET notes = 'remember the milk' WHERE id = (SELECT id FROM contacts LIMIT 1)")


def provoke(world):
    world.replace(b"remember the milk", b"remember the lilk")
