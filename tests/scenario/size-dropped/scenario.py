# SPDX-License-Identifier: PostgreSQL
"""A job blanked a column: every row is still there, and the backup is much smaller."""

SEVERITY = "warning"
TARGET = True


def prepare(world):
    world.database.sql("CREATE TABLE recordings AS SELECT n AS id, (SELECT string_agg(md5((n * k)::text), '') FROM generate_series(1, 50) k)"
                       " AS transcript FROM generate_series(1, 1000) AS n")


def provoke(world):
    world.database.sql("UPDATE recordings SET transcript = ''")
    world.dump()
