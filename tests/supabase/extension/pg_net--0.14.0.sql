-- SPDX-License-Identifier: PostgreSQL
CREATE SCHEMA net;
CREATE UNLOGGED TABLE net.http_request_queue (id bigserial PRIMARY KEY, url text);
CREATE FUNCTION net.http_post(url text, body jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS
    $$INSERT INTO net.http_request_queue (url) VALUES ($1) RETURNING id$$;
