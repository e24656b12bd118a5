-- SPDX-License-Identifier: PostgreSQL
update watch_channels set expires_at = now() - interval '2 hours' where channel_id = (select min(channel_id) from watch_channels);
