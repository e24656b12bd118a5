-- SPDX-License-Identifier: PostgreSQL
CREATE FUNCTION graphql.resolve(query text) RETURNS jsonb LANGUAGE sql AS $$SELECT '{}'::jsonb$$;
CREATE SEQUENCE graphql.seq_schema_version AS integer CYCLE;
