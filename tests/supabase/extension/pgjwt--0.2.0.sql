-- SPDX-License-Identifier: PostgreSQL
CREATE FUNCTION sign(payload json, secret text, algorithm text DEFAULT 'HS256') RETURNS text LANGUAGE sql AS $$SELECT 'x.y.z'::text$$;
CREATE FUNCTION verify(token text, secret text, algorithm text DEFAULT 'HS256') RETURNS boolean LANGUAGE sql AS $$SELECT true$$;
