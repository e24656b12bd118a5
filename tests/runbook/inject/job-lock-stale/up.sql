-- SPDX-License-Identifier: PostgreSQL
insert into jobs (kind, queue, status, run_at, attempts, locked_by, locked_at, created_at)
select 'summarize_call', 'calls', 'running', now() - interval '1 hour', n, 'web-3', now() - interval '50 minutes', now() - interval '2 days' from generate_series(3, 5) as n;
