-- SPDX-License-Identifier: PostgreSQL
drop extension hstore;
