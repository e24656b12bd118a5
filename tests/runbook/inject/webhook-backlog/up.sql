-- SPDX-License-Identifier: PostgreSQL
insert into webhook_events (source, event_id, event_type, payload, received_at)
select 'vapi', 'late-' || n, 'status-update', '{"type": "status-update"}', now() - interval '25 minutes' from generate_series(1, 12) as n;
