-- SPDX-License-Identifier: PostgreSQL
delete from jobs where last_error = 'worker web-3 went away' or locked_by = 'web-3';
