-- SPDX-License-Identifier: PostgreSQL
grant select on upcoming_appointments to authenticated;
