# SPDX-License-Identifier: PostgreSQL
"""Half of the calls were deleted between two backups."""

TARGET = True


def provoke(world):
    world.database.sql("DELETE FROM call_logs WHERE abs(hashtext(id::text)) % 2 = 0")
    world.dump()
    world.arguments += ["--accept", "size-dropped"]
