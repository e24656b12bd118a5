# SPDX-License-Identifier: PostgreSQL
"""The database was upgraded, and this machine still has the old tools."""
import re

SEVERITY = "warning"


def provoke(world):
    # The versions of server and pg_dump stand in the header as text, each behind its length.
    header, rest = world.bytes[:300], world.bytes[300:]
    header, count = re.subn(rb"(?<=\x00)%d\." % world.server.major, b"99.", header)
    assert count == 2
    world.write(header + rest)
