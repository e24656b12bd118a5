-- SPDX-License-Identifier: PostgreSQL
update integrations set status = 'expired', last_error = 'invalid_grant: Token has been expired or revoked.', token_expires_at = now() - interval '3 hours'
where id = (select id from integrations where provider = 'google_calendar' order by id limit 1);
