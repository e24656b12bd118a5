-- SPDX-License-Identifier: PostgreSQL
insert into jobs (kind, queue, status, run_at, attempts, finished_at, last_error, created_at)
select 'send_mail', 'mail', 'dead', now() - interval '30 minutes', 5, now() - interval '10 minutes', 'provider answered 535 5.7.8 authentication failed',
       now() - interval '2 days' - n * interval '1 minute' from generate_series(1, 7) as n;
