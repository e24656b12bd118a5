-- SPDX-License-Identifier: PostgreSQL
update pg_database set datcollversion = '1.0' where datname = 'app';
