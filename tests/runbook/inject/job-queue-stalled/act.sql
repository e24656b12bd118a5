-- SPDX-License-Identifier: PostgreSQL
-- the restarted worker does its work
update jobs set status = 'done', attempts = 1, finished_at = now() where status = 'queued' and run_at < now();
