-- SPDX-License-Identifier: PostgreSQL
update backup_verification_log set status = 'failure', checks_passed = 9, checks_failed = 5, error_details = '{"findings": ["copy-rows-differ"]}'
where verified_at > now() - interval '4 days';
