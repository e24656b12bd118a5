-- SPDX-License-Identifier: PostgreSQL
select setval('appointment_number_seq', 1001);
