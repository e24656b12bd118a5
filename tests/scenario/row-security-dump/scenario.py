# SPDX-License-Identifier: PostgreSQL
"""The backup job runs with --enable-row-security, to get rid of an error."""

FORMAT = []


def provoke(world):
    world.dump_over("--enable-row-security")
