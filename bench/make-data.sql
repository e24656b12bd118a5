-- SPDX-License-Identifier: PostgreSQL
-- Made-up tables for measuring: what an application like examples/voice-agent stores, at size, and one like pgbench's.
--
--     psql -v ON_ERROR_STOP=1 -v scale=1 -d bench -f make-data.sql
--
-- scale 1 gives a little over 1 GB of COPY text in 6.3 million rows: half of it accounts that compress 35 times, half of it text and
-- embeddings that compress 2.4 times, like real ones.

\if :{?scale}
\else
    \set scale 1
\endif
SET synchronous_commit = off;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.42) \g /dev/null

-- Pseudo-words of two to four syllables, frequent ones first; text drawn with a skew compresses like speech.
CREATE TABLE words AS
    SELECT n, (SELECT string_agg((ARRAY['ba','co','di','fe','gu','ha','jo','ki','lu','me','no','pa','ra','si','to','ve','wa','ze','th','er'])
                                 [1 + floor(random() * 20)::int], '') FROM generate_series(1, 2 + (n + s) % 3) AS s) AS word
    FROM generate_series(1, 4096) AS n, LATERAL (SELECT n % 2 AS s) AS x;

-- A pool of passages: rows quote from it at random places, so that no two are alike.
CREATE TABLE passages AS
    SELECT n AS number, (SELECT string_agg(word, ' ' ORDER BY k) FROM
                  (SELECT k, floor(power(random(), 2) * 4096)::int + 1 + n - n AS w FROM generate_series(1, 160) AS k) AS draw
               JOIN words ON words.n = draw.w) AS text
    FROM generate_series(1, greatest(200, (20000 * :scale)::int)) AS n;
CREATE UNIQUE INDEX passages_key ON passages (number);
ANALYZE passages;
SELECT count(*) AS passages FROM passages \gset

CREATE TABLE call_logs AS
    SELECT md5('call' || n)::uuid AS id, md5('organization' || n % 400)::uuid AS organization_id, md5('agent' || n % 3000)::uuid AS agent_id,
           '+4470' || lpad((random() * 99999999)::bigint::text, 8, '0') AS from_number,
           '2026-01-01'::timestamptz + n * interval '31 seconds' AS started_at, (random() * 900)::int AS duration_seconds,
           round((random() * 2)::numeric, 4) AS cost_usd, substr(p.text, 1 + (n % 200)::int, 60) AS summary,
           substr(p.text, 1 + (n % 500)::int, 120 + (n % 250)::int) AS transcript,
           jsonb_build_object('sentiment', (ARRAY['positive', 'neutral', 'negative'])[1 + n % 3], 'booked', n % 5 = 0) AS analysis
    FROM generate_series(1, (500000 * :scale)::bigint) AS n JOIN passages AS p ON p.number = 1 + (n * 7919) % :passages;

CREATE TABLE contacts AS
    SELECT md5('contact' || n)::uuid AS id, md5('organization' || n % 400)::uuid AS organization_id, initcap(split_part(p.text, ' ', 1)) AS first_name,
           initcap(split_part(p.text, ' ', 2)) AS last_name, '+4470' || lpad((random() * 99999999)::bigint::text, 8, '0') AS phone_number,
           split_part(p.text, ' ', 3) || n || '@mail.example' AS email, ARRAY['customer', 'vip'] AS tags,
           substr(p.text, 1 + (n % 300)::int, 70) AS notes, '2026-01-01'::timestamptz + n * interval '53 seconds' AS created_at
    FROM generate_series(1, (300000 * :scale)::bigint) AS n JOIN passages AS p ON p.number = 1 + (n * 104729) % :passages;

CREATE TABLE knowledge_base_chunks AS
    SELECT md5('chunk' || n)::uuid AS id, md5('organization' || n % 400)::uuid AS organization_id, p.text AS content,
           (SELECT array_agg(round((random() * 2 - 1)::numeric, 8)::real) FROM generate_series(1, 1536 + n - n)) AS embedding
    FROM generate_series(1, (10000 * :scale)::bigint) AS n JOIN passages AS p ON p.number = 1 + (n * 15485863) % :passages;

CREATE TABLE accounts AS
    SELECT n AS aid, 1 + n / 100000 AS bid, 0 AS abalance, repeat(' ', 84)::char(84) AS filler
    FROM generate_series(1, (5500000 * :scale)::bigint) AS n;

ALTER TABLE call_logs ADD PRIMARY KEY (id);
ALTER TABLE contacts ADD PRIMARY KEY (id);
ALTER TABLE knowledge_base_chunks ADD PRIMARY KEY (id);
ALTER TABLE accounts ADD PRIMARY KEY (aid);
DROP TABLE words, passages;
VACUUM ANALYZE;
