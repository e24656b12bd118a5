-- SPDX-License-Identifier: PostgreSQL
update backup_verification_log set status = 'success', checks_passed = 14, checks_failed = 0, error_details = null;
