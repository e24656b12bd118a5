-- SPDX-License-Identifier: PostgreSQL
update appointments set starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour' where calendar_event_id like 'evtnow%';
