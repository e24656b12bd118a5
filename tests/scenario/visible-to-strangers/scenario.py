# SPDX-License-Identifier: PostgreSQL
"""A policy made for debugging lets everybody see every row."""

RESTORE = True
SEVERITY = "warning"


def provoke(world):
    world.database.sql("CREATE POLICY debugging ON notes USING (true)")
    world.dump_over()
