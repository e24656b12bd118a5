-- SPDX-License-Identifier: PostgreSQL
drop schema quarantine cascade;
