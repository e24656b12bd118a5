-- SPDX-License-Identifier: PostgreSQL
insert into jobs (kind, queue, run_at, created_at) select 'send_reminder', 'mail', now() - interval '40 minutes', now() - interval '2 days' from generate_series(1, 8);
