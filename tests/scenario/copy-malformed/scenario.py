# SPDX-License-Identifier: PostgreSQL
"""A tab between two columns became another character."""

FORMAT = ["-Fc", "-Z0"]


def provoke(world):
    world.rewrite(rb"\tscheduled\t", rb" scheduled\t")
