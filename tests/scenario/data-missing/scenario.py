# SPDX-License-Identifier: PostgreSQL
"""One file of a directory-format backup was not copied."""

FORMAT = ["-Fd"]


def provoke(world):
    world.data_files()[0].unlink()
    world.settle()
