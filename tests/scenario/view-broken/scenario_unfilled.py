# SPDX-License-Identifier: PostgreSQL
"""A materialised view was never filled."""

RESTORE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("CREATE MATERIALIZED VIEW empty AS SELECT * FROM notes WITH NO DATA")
    world.dump_over()
