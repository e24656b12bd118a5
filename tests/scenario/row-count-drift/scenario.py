# SPDX-License-Identifier: PostgreSQL
"""A quarter of the calls was deleted before the backup and put back after it."""

LIVE = True
ARGUMENTS = ["--critical", "call_logs"]


def provoke(world):
    world.database.sql("CREATE TABLE aside AS SELECT * FROM call_logs WHERE abs(hashtext(id::text)) % 4 = 0;"
                       "DELETE FROM call_logs WHERE abs(hashtext(id::text)) % 4 = 0")
    world.dump_over("--exclude-table=aside")
    world.database.sql("INSERT INTO call_logs SELECT * FROM aside; DROP TABLE aside")
