# SPDX-License-Identifier: PostgreSQL
"""Rows were copied in with their ids, and nobody moved the sequence."""

RESTORE = True


def provoke(world):
    world.database.sql("SELECT setval('customers_id_seq', 12)")
    world.dump_over()
