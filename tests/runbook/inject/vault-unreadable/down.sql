-- SPDX-License-Identifier: PostgreSQL
drop schema vault cascade;
