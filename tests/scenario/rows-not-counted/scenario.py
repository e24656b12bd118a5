# SPDX-License-Identifier: PostgreSQL
"""The comparison runs as a role from which row-level security could hide rows."""

LIVE = True
SEVERITY = "notice"
VERDICT = "unknown"


def provoke(world):
    world.server.admin.sql("CREATE ROLE scenario_blind LOGIN")
    world.database.sql("GRANT USAGE ON SCHEMA public TO scenario_blind; GRANT SELECT ON ALL TABLES IN SCHEMA public TO scenario_blind")
    world.against = world.database.conninfo_as("scenario_blind")
    world.undo = [lambda: world.database.sql("DROP OWNED BY scenario_blind"),
                  lambda: world.server.admin.sql("DROP ROLE scenario_blind")]
