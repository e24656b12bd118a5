# SPDX-License-Identifier: PostgreSQL
"""The machine was off for three days."""

SEVERITY = "warning"
TARGET = True
ARGUMENTS = ["--max-age", "30d"]


def provoke(world):
    world.at(3 * 86400)
