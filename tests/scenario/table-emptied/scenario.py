# SPDX-License-Identifier: PostgreSQL
"""A table was empty while the backup was taken."""

LIVE = True


def provoke(world):
    world.database.sql("CREATE TABLE aside AS SELECT * FROM watch_channels; DELETE FROM watch_channels")
    world.dump_over("--exclude-table=aside")
    world.database.sql("INSERT INTO watch_channels SELECT * FROM aside; DROP TABLE aside")
