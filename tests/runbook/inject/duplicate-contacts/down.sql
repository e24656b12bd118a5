-- SPDX-License-Identifier: PostgreSQL
delete from contacts where phone_number::text like '+4999%';
