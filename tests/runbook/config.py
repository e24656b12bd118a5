# SPDX-License-Identifier: PostgreSQL
# Read by matrix.py: parameters that only the test's world knows.
password = os.path.join(world.base, "break_glass_password")
with open(password, "w", encoding="utf-8") as file:
    file.write("sealed-secret")
config = {
    "system_identifier": world.identifier,
    "break_glass_conninfo": f"host={world.socket} dbname=app user=break_glass",
    "break_glass_password_file": password,
    "backup_dir": world.backups,
    "wal_archive": world.archive,
    "backup_role": "app_owner",
}
