# SPDX-License-Identifier: PostgreSQL
"""A dump that copies a table to a program."""

RESTORE = True
FORMAT = ["-Fp"]


def provoke(world):
    world.script(after=b"\nCOPY public.customers TO PROGRAM 'cat >%s';\n" % bytes(world.folder / "touched"))


def afterwards(world):
    assert not (world.folder / "touched").exists()
