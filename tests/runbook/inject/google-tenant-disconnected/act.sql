-- SPDX-License-Identifier: PostgreSQL
-- the owner has connected again
update integrations set status = 'connected', last_error = null, token_expires_at = now() + interval '50 minutes' where provider = 'google_calendar';
