# SPDX-License-Identifier: PostgreSQL
"""An index was made on a partitioned table and never on its partitions."""

RESTORE = True


def provoke(world):
    world.database.sql("CREATE INDEX calls_id ON ONLY calls (id)")
    world.dump_over()
