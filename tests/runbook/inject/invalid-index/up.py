# SPDX-License-Identifier: PostgreSQL
world.sql("alter table webhook_events drop constraint webhook_events_once")
world.sql("insert into webhook_events (source, event_id, event_type, payload, status, processed_at, received_at) "
          "select source, event_id, event_type, payload, status, processed_at, received_at from webhook_events where source = 'stripe' limit 3")
try:
    world.sql("create unique index concurrently webhook_events_once on webhook_events (source, event_id)")
except Exception:
    pass
world.sql("delete from webhook_events where id in (select max(id) from webhook_events group by source, event_id having count(*) > 1)")
