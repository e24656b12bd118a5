-- SPDX-License-Identifier: PostgreSQL
-- The database that bench/ measures on: about 1 GB of COPY text at scale 1, in four tables of different make.
--
--     psql -X -v scale=1 -f bench/make-data.sql bench
--
-- accounts: short rows that compress 30-fold. call_logs, contacts: pseudo-words, a little over 2-fold. knowledge_base_chunks:
-- wide rows of random floats. The seed is fixed: the same scale gives the same rows.
\set ON_ERROR_STOP on
\if :{?scale}
\else
\set scale 1
\endif
SET synchronous_commit = off;
SET max_parallel_workers_per_gather = 0; -- random() gives the same values again only in one process
SELECT setseed(0.42) \g /dev/null

CREATE TEMPORARY TABLE word AS
SELECT n, string_agg(substr('bcdfghklmnprstvz', 1 + floor(random() * 16)::int, 1)
                     || substr('aeiou', 1 + floor(random() * 5)::int, 1), '') AS word
FROM generate_series(0, 2047) AS n, generate_series(1, 2 + n % 3)
GROUP BY n;
CREATE TEMPORARY TABLE dictionary AS SELECT array_agg(word ORDER BY n) AS words FROM word;

-- `count` pseudo-words; a different row of them for each seed.
CREATE FUNCTION pg_temp.words(words text[], seed bigint, count int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(words[1 + (hashint8(seed * 64 + i) & 2047)], ' ') FROM generate_series(1, count) AS i
$$;

CREATE TABLE accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));
INSERT INTO accounts SELECT aid, 1 + aid / 100000, hashint4(aid) % 100000, ''
FROM generate_series(1, (5000000 * :scale)::int) AS aid;

CREATE TABLE call_logs (
    id bigint PRIMARY KEY, contact_id bigint NOT NULL, started_at timestamptz NOT NULL, seconds int NOT NULL,
    outcome text NOT NULL, transcript text NOT NULL, details jsonb NOT NULL);
INSERT INTO call_logs
SELECT id, 1 + (hashint8(id) & 262143), timestamptz '2026-01-01 00:00+00' + id * interval '17.3 seconds', hashint8(id) & 1023,
       (array['answered', 'voicemail', 'busy', 'failed'])[1 + (hashint8(id + 1) & 3)],
       pg_temp.words(words, id, 45), jsonb_build_object('agent', hashint8(id) & 63, 'note', pg_temp.words(words, -id, 6))
FROM dictionary, generate_series(1, (500000 * :scale)::bigint) AS id;

CREATE TABLE contacts (
    id bigint PRIMARY KEY, name text NOT NULL, phone text NOT NULL, email text NOT NULL, notes text, created_at timestamptz NOT NULL);
INSERT INTO contacts
SELECT id, initcap(pg_temp.words(words, id, 2)), '+1' || (2000000000 + (hashint8(id)::bigint & 1073741823)),
       replace(pg_temp.words(words, id, 2), ' ', '.') || '@example.com', pg_temp.words(words, id * 7, 24),
       timestamptz '2025-01-01 00:00+00' + id * interval '71 seconds'
FROM dictionary, generate_series(1, (300000 * :scale)::bigint) AS id;

CREATE TABLE knowledge_base_chunks (id bigint PRIMARY KEY, content text NOT NULL, embedding float4[] NOT NULL);
INSERT INTO knowledge_base_chunks
SELECT id, pg_temp.words(words, id, 60),
       (SELECT array_agg((hashint8(id * 1536 + i) / 2147483648.0)::float4) FROM generate_series(1, 1536) AS i)
FROM dictionary, generate_series(1, (10000 * :scale)::bigint) AS id;

CREATE INDEX ON call_logs (contact_id);
CREATE INDEX ON contacts (phone);
ANALYZE;
