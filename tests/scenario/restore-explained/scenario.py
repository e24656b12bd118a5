# SPDX-License-Identifier: PostgreSQL
"""The dump was written by a newer pg_dump, which sets what this server does not know."""

RESTORE = True
SEVERITY = "notice"
FORMAT = ["-Fp"]


def provoke(world):
    world.script(before=b"SET transaction_timeout = 0;\n")
