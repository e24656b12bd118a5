# SPDX-License-Identifier: PostgreSQL
# uncompressed: the flipped byte stands in a text value and nothing inside the dump can notice
path = os.path.join(world.backups, "app.dump")
world.run("sh", "-c", f"pg_dump -Fc -Z0 -f {path} app")
world.run("sh", "-c", f"cd {world.backups} && sha256sum app.dump > app.dump.sha256")
with open(path, "r+b") as file:
    at = file.read().index(b"Agent: Hello") + 7
    file.seek(at)
    file.write(b"J")
