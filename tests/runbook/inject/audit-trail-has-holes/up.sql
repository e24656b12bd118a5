-- SPDX-License-Identifier: PostgreSQL
delete from backup_verification_log where verified_at between now() - interval '10 days' and now() - interval '7 days';
