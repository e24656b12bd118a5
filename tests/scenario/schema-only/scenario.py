# SPDX-License-Identifier: PostgreSQL
"""The backup job dumps the schema only, as supabase db dump does unless told otherwise."""


def provoke(world):
    world.dump_over("--schema-only")
