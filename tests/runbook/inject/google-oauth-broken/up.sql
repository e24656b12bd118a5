-- SPDX-License-Identifier: PostgreSQL
update integrations set status = 'error', last_error = 'invalid_client: The provided client secret is invalid.', token_expires_at = now() - interval '2 hours'
where provider = 'google_calendar';
