-- SPDX-License-Identifier: PostgreSQL
select setval('appointment_number_seq', (select max(number) from appointments));
