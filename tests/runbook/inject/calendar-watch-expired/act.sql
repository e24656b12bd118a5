-- SPDX-License-Identifier: PostgreSQL
-- the worker has made a new channel
update watch_channels set expires_at = now() + interval '7 days' where expires_at < now();
