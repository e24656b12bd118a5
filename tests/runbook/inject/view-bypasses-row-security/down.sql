-- SPDX-License-Identifier: PostgreSQL
revoke select on upcoming_appointments from authenticated;
