-- SPDX-License-Identifier: PostgreSQL
-- Brings the example's made-up past up to today, so that nothing in it is overdue, and adds lifeboat's own log.
set client_min_messages = warning;
update jobs set status = 'done', finished_at = run_at + interval '2 seconds', attempts = 1 where status = 'queued';
insert into jobs (kind, run_at) select 'send_reminder', now() + n * interval '2 hours' from generate_series(1, 4) as n;
update webhook_events set status = 'processed', processed_at = received_at + interval '1 second', last_error = null where status <> 'processed';
update watch_channels set expires_at = now() + interval '6 days', created_at = now() - interval '1 day';
update integrations set status = 'connected', last_error = null, token_expires_at = now() + interval '50 minutes', updated_at = now();
select app.make_call_partition((now() + n * interval '1 month')::date) from generate_series(0, 2) as n;

-- Appointments of the coming days, and what the calendar said about them.
insert into appointments (organization_id, agent_id, contact_id, starts_at, ends_at, title, calendar_event_id, created_at)
select a.organization_id, a.id, c.id, t, t + interval '30 minutes', 'Follow-up', 'evtnow' || n, now() - interval '3 days'
from generate_series(1, 12) as n
join lateral (select * from agents order by id offset n % 5 limit 1) as a on true
join lateral (select * from contacts where organization_id = a.organization_id order by id offset n limit 1) as c on true
cross join lateral (select date_trunc('hour', now()) + n * interval '5 hours' as t) as slot;
insert into webhook_events (organization_id, source, event_id, event_type, payload, status, attempts, received_at, processed_at)
select organization_id, 'google_calendar', 'gcal-' || calendar_event_id, 'event.updated',
       jsonb_build_object('event_id', calendar_event_id, 'start', starts_at), 'processed', 1, now() - interval '2 days', now() - interval '2 days'
from appointments where calendar_event_id like 'evtnow%';

insert into call_logs (organization_id, agent_id, provider_call_id, direction, status, from_number, to_number, started_at, ended_at, duration_seconds, cost_usd, analysis)
select a.organization_id, a.id, 'call_today_' || n, 'inbound', 'completed', '+447000000001', '+15552000001', now() - n * interval '10 minutes',
       now() - n * interval '10 minutes' + interval '120 seconds', 120, 0.2160, '{"tool_latency_ms": 640}'
from generate_series(1, 30) as n join lateral (select * from agents order by id offset n % 5 limit 1) as a on true;
refresh materialized view organization_usage;

create table backup_verification_log (
  id uuid primary key default gen_random_uuid(),
  verified_at timestamptz not null default now(),
  backup_id text not null,
  backup_age_hours integer,
  backup_size_mb integer,
  status text check (status in ('success', 'warning', 'failure')),
  checks_passed integer,
  checks_failed integer,
  error_details jsonb,
  created_at timestamptz default now()
);
alter table backup_verification_log enable row level security;
insert into backup_verification_log (verified_at, created_at, backup_id, backup_age_hours, backup_size_mb, status, checks_passed, checks_failed)
select t, t, 'daily-' || n, 3, 410 + n % 5, 'success', 14, 0
from generate_series(0, 30) as n cross join lateral (select now() - n * interval '1 day' - interval '2 hours' as t) as at;
