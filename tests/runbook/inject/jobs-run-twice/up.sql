-- SPDX-License-Identifier: PostgreSQL
insert into jobs (kind, organization_id, payload, run_at, created_at)
select 'send_reminder', (select id from organizations order by id limit 1), jsonb_build_object('appointment', n), date_trunc('hour', now()) + interval '2 hours',
       now() - second * interval '4 seconds'
from generate_series(1, 3) as n, generate_series(0, 1) as second;
