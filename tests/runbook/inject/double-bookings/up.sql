-- SPDX-License-Identifier: PostgreSQL
alter table appointments drop constraint appointments_no_double_booking;
insert into appointments (organization_id, agent_id, contact_id, starts_at, ends_at, title)
select organization_id, agent_id, contact_id, starts_at + interval '10 minutes', ends_at + interval '10 minutes', 'Walk-in'
from appointments where status in ('scheduled', 'confirmed') and starts_at > now() order by starts_at limit 3;
