-- SPDX-License-Identifier: PostgreSQL
alter table appointments drop constraint appointments_length_check;
alter table appointments add constraint appointments_length_check check (ends_at > starts_at and ends_at - starts_at <= interval '8 hours') not valid;
