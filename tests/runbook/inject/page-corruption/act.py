# SPDX-License-Identifier: PostgreSQL
# what the page asks for: the table comes back from the proven backup
world.sql("drop table audit_log")
world.run("sh", "-c", f"pg_restore -U postgres -d app -t audit_log {world.backups}/app.dump")
world.sql("select count(before) from audit_log")
world.config["corruption_window"] = "1s"
open(world.log_file, "w").close()
time.sleep(1.5)
