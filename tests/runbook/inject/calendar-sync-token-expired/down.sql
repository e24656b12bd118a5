-- SPDX-License-Identifier: PostgreSQL
delete from webhook_events where event_id like 'gone-%';
delete from jobs where payload ->> 'reason' = 'sync token expired';
