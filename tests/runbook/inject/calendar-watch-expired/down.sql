-- SPDX-License-Identifier: PostgreSQL
delete from jobs where kind = 'renew_calendar_watch';
