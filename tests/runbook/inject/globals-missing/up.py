# SPDX-License-Identifier: PostgreSQL
os.unlink(os.path.join(world.backups, "globals.sql"))
