# SPDX-License-Identifier: PostgreSQL
path = os.path.join(world.backups, "app.dump")
os.utime(path, (time.time() - 4 * 86400,) * 2)
