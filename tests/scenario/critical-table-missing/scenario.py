# SPDX-License-Identifier: PostgreSQL
"""The backup job leaves a table out."""

ARGUMENTS = ["--critical", "contacts,profiles"]


def provoke(world):
    world.dump_over("--exclude-table=contacts")
