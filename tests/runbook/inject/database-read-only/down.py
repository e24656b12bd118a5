# SPDX-License-Identifier: PostgreSQL
world.run("sh", "-c", "psql -Xqc 'alter database app reset default_transaction_read_only'", env={"PGOPTIONS": "-c default_transaction_read_only=off"})
