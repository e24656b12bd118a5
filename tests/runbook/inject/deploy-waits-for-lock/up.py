# SPDX-License-Identifier: PostgreSQL
world.config["ddl_wait"] = "1s"
world.session(application_name="metabase").cursor().execute("select count(*) from contacts")
world.hold("alter table contacts add column loyalty integer", application_name="deploy")
world.wait_for("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query_start < now() - interval '1.1 s'")
