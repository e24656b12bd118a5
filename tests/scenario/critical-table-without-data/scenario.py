# SPDX-License-Identifier: PostgreSQL
"""The backup job leaves out the rows of a table that the application cannot live without."""

ARGUMENTS = ["--critical", "contacts,profiles"]


def provoke(world):
    world.dump_over("--exclude-table-data=contacts")
