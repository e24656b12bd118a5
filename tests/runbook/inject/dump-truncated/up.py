# SPDX-License-Identifier: PostgreSQL
path = os.path.join(world.backups, "app.dump")
os.truncate(path, os.path.getsize(path) * 6 // 10)
