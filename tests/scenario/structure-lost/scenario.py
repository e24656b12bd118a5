# SPDX-License-Identifier: PostgreSQL
"""The backup was taken without a policy that the live database has."""

LIVE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("CREATE POLICY later ON contacts USING (true); CREATE INDEX later ON contacts (last_name)")
