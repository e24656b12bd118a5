-- SPDX-License-Identifier: PostgreSQL
select pg_stat_reset();
alter table audit_log enable row level security;
create policy own_organization on audit_log for select to authenticated using (organization_id = app.current_organization_id());
grant select on audit_log to authenticated;
select setval(pg_get_serial_sequence('audit_log', 'id'), (select max(id) from audit_log)) where pg_get_serial_sequence('audit_log', 'id') is not null;
analyze;
