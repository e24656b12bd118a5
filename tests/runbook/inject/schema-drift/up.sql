-- SPDX-License-Identifier: PostgreSQL
alter table contacts add column loyalty_points integer;
