-- SPDX-License-Identifier: PostgreSQL
update backup_verification_log set backup_size_mb = 170 where verified_at = (select max(verified_at) from backup_verification_log);
