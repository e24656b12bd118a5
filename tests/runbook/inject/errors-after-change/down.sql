-- SPDX-License-Identifier: PostgreSQL
delete from schema_migrations where name = 'rename_contact_columns';
