# SPDX-License-Identifier: PostgreSQL
"""The backup job dumps schema public only, and users are in another one."""

LIVE = True


def prepare(world):
    world.database.sql("CREATE SCHEMA auth; CREATE TABLE auth.users AS SELECT generate_series(1, 10) AS id")


def provoke(world):
    world.dump_over("--exclude-schema=auth")
