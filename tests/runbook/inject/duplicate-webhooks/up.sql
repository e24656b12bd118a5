-- SPDX-License-Identifier: PostgreSQL
alter table webhook_events drop constraint webhook_events_once;
insert into webhook_events (organization_id, source, event_id, event_type, payload, status, attempts, received_at, processed_at)
select organization_id, source, event_id, event_type, payload, status, attempts, received_at + interval '2 seconds', processed_at + interval '2 seconds'
from webhook_events where source = 'stripe' limit 4;
