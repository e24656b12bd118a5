-- SPDX-License-Identifier: PostgreSQL
delete from webhook_events where event_id like 'bad-%';
