-- SPDX-License-Identifier: PostgreSQL
insert into schema_migrations (version, name) values ('20261123180000', 'try_call_scores');
