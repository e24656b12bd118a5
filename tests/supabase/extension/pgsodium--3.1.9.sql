-- SPDX-License-Identifier: PostgreSQL
CREATE TABLE pgsodium.key (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), status text, name text);
CREATE FUNCTION pgsodium.create_key(text) RETURNS uuid LANGUAGE sql AS $$INSERT INTO pgsodium.key (name) VALUES ($1) RETURNING id$$;
SELECT pg_catalog.pg_extension_config_dump('pgsodium.key', '');
