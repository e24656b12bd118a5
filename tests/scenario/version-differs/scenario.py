# SPDX-License-Identifier: PostgreSQL
"""The live server has an older version of an extension than the machine of the rehearsal."""

RESTORE = True
LIVE = True
SEVERITY = "notice"


def provoke(world):
    world.database.sql("CREATE EXTENSION hstore VERSION '1.4'")
    world.dump_over()
