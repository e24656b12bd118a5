# SPDX-License-Identifier: PostgreSQL
"""One row is known to the last byte, and came back with a blank more."""
import hashlib

RESTORE = True
TARGET = True


def prepare(world):
    line = world.database.copy("public.settings").splitlines(keepends=True)[1]
    world.configuration = f"""
[check canary]
sql = SELECT * FROM settings WHERE name = 'canary'
expect = sha256:{hashlib.sha256(line).hexdigest()}
reason = nobody ever changes this row
"""


def provoke(world):
    world.database.sql("UPDATE settings SET value = value || ' ' WHERE name = 'canary'")
    world.dump()
