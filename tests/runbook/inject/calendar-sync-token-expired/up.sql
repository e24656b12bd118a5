-- SPDX-License-Identifier: PostgreSQL
insert into webhook_events (organization_id, source, event_id, event_type, payload, status, attempts, last_error, received_at)
select (select organization_id from watch_channels order by 1 limit 1), 'google_calendar', 'gone-' || n, 'sync', '{}', 'failed', 3,
       '410 Gone: Sync token is no longer valid, a full sync is required. (fullSyncRequired)', now() - n * interval '1 minute' from generate_series(1, 6) as n;
