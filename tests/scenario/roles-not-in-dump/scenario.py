# SPDX-License-Identifier: PostgreSQL
"""A role was given rights after the control backup; no dump of roles lies beside it."""

SEVERITY = "notice"


def prepare(world):
    world.database = world.server.create()
    world.database.sql("CREATE TABLE things AS SELECT 1 AS id")
    world.dump()


def provoke(world):
    world.server.admin.sql("CREATE ROLE scenario_reader")
    world.database.sql("GRANT SELECT ON things TO scenario_reader")
    world.undo = [world.database.drop, lambda: world.server.admin.sql("DROP ROLE scenario_reader")]
    world.dump_over()
