-- SPDX-License-Identifier: PostgreSQL
delete from jobs where queue = 'mail' and run_at > now() - interval '1 day' and run_at < now();
