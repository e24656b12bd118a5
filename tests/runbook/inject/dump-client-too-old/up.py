# SPDX-License-Identifier: PostgreSQL
old = os.path.join(world.base, "old_pg_dump")
with open(old, "w") as file:
    file.write("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.22 (Debian 12.22-1)'\n")
os.chmod(old, 0o755)
world.config["pg_dump"] = old
