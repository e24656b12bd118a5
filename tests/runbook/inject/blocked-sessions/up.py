# SPDX-License-Identifier: PostgreSQL
world.config["lock_wait_age"] = "1s"
world.hold("lock table appointments in access exclusive mode; select pg_sleep(300)", application_name="nightly-report")
world.wait_for("select 1 from pg_locks where mode = 'AccessExclusiveLock' and relation = 'appointments'::regclass and granted")
for _ in range(3):
    world.hold("update appointments set notes = notes where id = (select min(id::text)::uuid from appointments)", application_name="web", autocommit=True)
world.wait_for("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query_start < now() - interval '1.1 s'")
