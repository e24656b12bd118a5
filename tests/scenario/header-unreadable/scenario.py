# SPDX-License-Identifier: PostgreSQL
"""Something wrote over the first bytes of the file."""


def provoke(world):
    world.write(b"<html" + world.bytes[5:])
