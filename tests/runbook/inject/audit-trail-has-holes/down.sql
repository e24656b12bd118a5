-- SPDX-License-Identifier: PostgreSQL
delete from backup_verification_log where backup_id = 'gap-explained';
insert into backup_verification_log (verified_at, created_at, backup_id, backup_age_hours, backup_size_mb, status, checks_passed, checks_failed)
select t, t, 'daily-' || n, 3, 410 + n % 5, 'success', 14, 0
from generate_series(7, 9) as n cross join lateral (select now() - n * interval '1 day' - interval '2 hours' as t) as at;
