-- SPDX-License-Identifier: PostgreSQL
insert into call_logs (organization_id, agent_id, provider_call_id, direction, status, from_number, to_number, started_at, ended_at, duration_seconds, cost_usd)
select organization_id, id, 'call_unbilled_' || id || n, 'inbound', 'completed', '+447000000001', '+15552000001', now() - interval '3 days',
       now() - interval '3 days' + interval '300 seconds', 300, 0.54 from (select * from agents order by id limit 5) as a, generate_series(1, 10) as n;
