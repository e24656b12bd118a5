-- SPDX-License-Identifier: PostgreSQL
-- the experiment was undone, its version removed
delete from schema_migrations where version = '20261123180000';
