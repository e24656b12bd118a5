-- SPDX-License-Identifier: PostgreSQL
drop index if exists webhook_events_once;
alter table webhook_events add constraint webhook_events_once unique (source, event_id);
