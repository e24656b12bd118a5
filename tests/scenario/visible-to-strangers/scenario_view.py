# SPDX-License-Identifier: PostgreSQL
"""A view that runs as its owner shows everybody what row-level security of its table hides."""

RESTORE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("CREATE VIEW latest AS SELECT * FROM notes; GRANT SELECT ON latest TO anon")
    world.dump_over()
