-- SPDX-License-Identifier: PostgreSQL
-- the restarted worker does its work
update webhook_events set status = 'processed', processed_at = now(), attempts = 1 where status = 'received';
