# SPDX-License-Identifier: PostgreSQL
"""Somebody wrote a line into the dump that psql obeys: a program is run on the machine that restores it."""

RESTORE = True
FORMAT = ["-Fp"]


def provoke(world):
    world.script(after=b"\n\\! touch %s\n" % bytes(world.folder / "touched"))


def afterwards(world):
    assert not (world.folder / "touched").exists()
