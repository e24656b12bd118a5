-- SPDX-License-Identifier: PostgreSQL
insert into webhook_events (source, event_id, event_type, payload, status, attempts, last_error, received_at)
select 'vapi', 'bad-' || n, 'end-of-call-report', '{"type": "end-of-call-report"}', 'failed', 3, 'TypeError: Cannot read properties of undefined (reading ''analysis'')',
       now() - n * interval '20 seconds' from generate_series(1, 8) as n;
