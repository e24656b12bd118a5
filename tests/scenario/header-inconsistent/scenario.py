# SPDX-License-Identifier: PostgreSQL
"""A bit flipped in the header: the month of its creation date."""


def provoke(world):
    # After the magic, three bytes of version, two of sizes, one of format and (1.15 and later: one, before: five) of compression come
    # the seconds, minutes, hours, day and month: five integers of a sign and four bytes each.
    content = bytearray(world.bytes)
    compression = 1 if content[6] >= 15 else 5
    month = 11 + compression + 4 * 5 + 1
    assert content[month - 1] == 0 and content[month] < 12
    content[month] = 77
    world.write(bytes(content))
