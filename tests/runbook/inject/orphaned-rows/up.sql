-- SPDX-License-Identifier: PostgreSQL
set session_replication_role = replica;
insert into appointments (organization_id, agent_id, contact_id, starts_at, ends_at, title)
select organization_id, id, gen_random_uuid(), '2027-03-01 09:00+00', '2027-03-01 09:30+00', 'Imported' from agents order by id limit 2;
