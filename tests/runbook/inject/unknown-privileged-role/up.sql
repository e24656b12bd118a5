-- SPDX-License-Identifier: PostgreSQL
create role maintenance_x login superuser;
