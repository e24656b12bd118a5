# SPDX-License-Identifier: PostgreSQL
# what the page asks for: the rows come back from the proven backup
world.run("sh", "-c", f"pg_restore -U postgres -d app --data-only -t knowledge_base_chunks {world.backups}/app.dump")
