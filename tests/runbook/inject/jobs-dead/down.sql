-- SPDX-License-Identifier: PostgreSQL
delete from jobs where kind = 'send_mail' and last_error like 'provider answered 535%';
