# SPDX-License-Identifier: PostgreSQL
path = os.path.join(world.backups, "app.dump")
world.run("sh", "-c", f"pg_dump -Fc --exclude-table-data=contacts --exclude-table=agents -f {path} app")
world.run("sh", "-c", f"cd {world.backups} && sha256sum app.dump > app.dump.sha256")
