# SPDX-License-Identifier: PostgreSQL
# A real point-in-time recovery: base backup, archive, a target that stands in the WAL.
world.sql("update contacts set notes = 'before' where id = (select min(id::text)::uuid from contacts)")
world.sql("select pg_create_restore_point('before_the_mistake')")
world.sql("select pg_switch_wal()")
world.wait_for("select 1 from pg_stat_archiver where last_archived_wal >= (select pg_walfile_name(pg_current_wal_lsn() - 1)) or archived_count > 0")
time.sleep(1)
world.stop()
shutil.rmtree(world.data)
subprocess.run(["cp", "-a", os.path.join(world.backups, "base"), world.data], check=True)
with open(os.path.join(world.data, "postgresql.auto.conf"), "a", encoding="utf-8") as file:
    file.write(f"restore_command = 'cp {world.archive}/%f %p'\nrecovery_target_name = 'before_the_mistake'\n")
open(os.path.join(world.data, "recovery.signal"), "w").close()
world.owned(os.path.join(world.data, "recovery.signal"))
world.start()
world.wait_for("select 1 where pg_is_wal_replay_paused()")
