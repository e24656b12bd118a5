-- SPDX-License-Identifier: PostgreSQL
delete from jobs where kind = 'ask_reconnect_calendar';
