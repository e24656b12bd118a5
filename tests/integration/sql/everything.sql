-- SPDX-License-Identifier: PostgreSQL
-- One of each kind of object and value that could make a dump and the live database seem different. For psql; PostgreSQL 12 and later.
SELECT current_setting('server_version_num')::int >= 14 * 10000 AS since14, current_setting('server_version_num')::int >= 15 * 10000 AS since15,
       current_setting('server_version_num')::int >= 18 * 10000 AS since18,
       EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') AS vector,
       EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'hstore') AS hstore \gset
SET timezone = 'UTC';
CREATE SCHEMA odd;
CREATE SCHEMA "Sch""ema; x";

-- types
CREATE TYPE odd.mood AS ENUM ('ok', 'not ok', '"bad"');
CREATE TYPE odd.pair AS (x int, y text);
CREATE TYPE odd.span AS RANGE (subtype = float8);
CREATE DOMAIN odd.small AS int CONSTRAINT small_check CHECK (VALUE < 1000);
CREATE TYPE odd.shell;

-- values
CREATE TABLE odd.floats (r real, d double precision, n numeric);
INSERT INTO odd.floats VALUES (0.1, 0.1, 0.1), ('NaN', 'NaN', 'NaN'), ('-Infinity', 'Infinity', 1e-30), (1e-45, 5e-324, 123456789012345678901234567890.123),
  (3.4028235e38, 1.7976931348623157e308, -0), (-0.0, 1.0/3, 1.10), (1.0/3, 2.0/3, NULL);
CREATE TABLE odd.times (d date, t time, tz timetz, ts timestamp, tstz timestamptz, i interval);
INSERT INTO odd.times VALUES ('0044-03-15 BC', '23:59:60', '12:00+05:30', 'infinity', '-infinity', '1 year 2 mons -3 days 04:05:06.789'),
  ('2026-07-01', '00:00', '00:00-12', '2026-01-01 00:00:00.000001', '2026-07-01 12:00:00.5+02', '-1 day'), ('infinity', NULL, NULL, '294276-12-31', '2026-01-01 00:00Z', '0');
CREATE TABLE odd.bytes (id int, b bytea, t text, bits varbit, u uuid, net inet, x xml, c "char", fixed char(5), m money);
INSERT INTO odd.bytes SELECT i, decode(md5(i::text), 'hex'), E'tab\there\nline\rcr\\back\b\f\v ' || chr(i + 1), i::bit(12)::varbit, md5(i::text)::uuid, '10.0.0.0/8', '<a/>', 'x', 'ab', i FROM generate_series(1, 300) i;
INSERT INTO odd.bytes (id, t) VALUES (-1, ''), (-2, NULL), (-3, '\.'), (-4, E'\\N'), (-5, '\N'), (-6, '😀 ünï'), (-7, E'a\u0301');
CREATE TABLE odd.documents (j json, jb jsonb, a int[], aa text[][], p odd.pair, ps odd.pair[], e odd.mood, r int4range, s odd.span, g tsvector, q point);
INSERT INTO odd.documents VALUES ('{"b": 1,  "a": [1,2]}', '{"b": 1,  "a": [1,2], "c": "\u00e9\n"}', '{1,NULL,3}', '{{"a","b,c"},{"\"","\\"}}', '(1,"a ""b""")', '{"(1,a)","(,)"}', '"bad"', '[1,5)', '[0.1,0.2]', 'fat cat', '(1,2.5)'),
  (NULL, 'null', '{}', '[0:1][2:3]={{a,b},{c,d}}', '(,)', NULL, NULL, 'empty', '(,)', '', NULL);
CREATE TABLE odd."We""ird Näme; DROP" ("a b" int, "select" text, "😀" odd.mood, "UPPER" int, U&"tab\0009col" int);
INSERT INTO odd."We""ird Näme; DROP" SELECT i, 'x', 'ok', i, i FROM generate_series(1, 7) i;
CREATE TABLE "Sch""ema; x"."order" ("user" int PRIMARY KEY);
INSERT INTO "Sch""ema; x"."order" VALUES (1);
CREATE TABLE odd.wide (id int, t text);
INSERT INTO odd.wide SELECT 1, string_agg(md5(i::text), '') FROM generate_series(1, 60000) i;

-- shapes
CREATE TABLE odd.no_columns ();
INSERT INTO odd.no_columns DEFAULT VALUES; INSERT INTO odd.no_columns DEFAULT VALUES;
CREATE TABLE odd.only_generated (a int GENERATED ALWAYS AS (1) STORED);
INSERT INTO odd.only_generated DEFAULT VALUES;
CREATE TABLE odd.dropped (a int, b int, c int);
INSERT INTO odd.dropped SELECT i, i, i FROM generate_series(1, 11) i;
ALTER TABLE odd.dropped DROP COLUMN b;
ALTER TABLE odd.dropped ADD COLUMN d int DEFAULT 5;
CREATE TABLE odd.gen (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c odd.small);
INSERT INTO odd.gen (a, c) SELECT i, i FROM generate_series(1, 33) i;
CREATE TABLE odd.empty (id int);
CREATE UNLOGGED TABLE odd.unlogged (id int);
INSERT INTO odd.unlogged SELECT generate_series(1, 13);
CREATE TABLE odd.typed OF odd.pair (x WITH OPTIONS PRIMARY KEY);
INSERT INTO odd.typed VALUES (1, 'a');
CREATE TABLE odd.parent (id int, kind text, CONSTRAINT parent_kind CHECK (kind <> 'bad'));
CREATE TABLE odd.child (extra text, CONSTRAINT child_extra CHECK (extra <> '')) INHERITS (odd.parent);
CREATE TABLE odd.grandchild () INHERITS (odd.child);
INSERT INTO odd.parent SELECT i, 'p' FROM generate_series(1, 5) i;
INSERT INTO odd.child SELECT i, 'c', 'x' FROM generate_series(1, 9) i;
INSERT INTO odd.grandchild SELECT i, 'g', 'y' FROM generate_series(1, 2) i;
ALTER TABLE odd.parent ADD COLUMN later int DEFAULT 3;

-- partitions, keys, triggers
CREATE TABLE odd.accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, during tstzrange, n serial,
  CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&), CHECK (n > 0));
INSERT INTO odd.accounts (name, during) SELECT 'n' || i, tstzrange('2026-01-01'::timestamptz + i * interval '1 day', '2026-01-01'::timestamptz + (i + 1) * interval '1 day') FROM generate_series(1, 20) i;
CREATE TABLE odd.events (id bigint NOT NULL, account bigint REFERENCES odd.accounts, at timestamptz NOT NULL, body text, CONSTRAINT body_small CHECK (length(body) < 100), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE odd.events_1 PARTITION OF odd.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE odd.events_2 PARTITION OF odd.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY HASH (id);
CREATE TABLE odd.events_2a PARTITION OF odd.events_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE odd.events_2b (body text, at timestamptz NOT NULL, account bigint, id bigint NOT NULL, CONSTRAINT body_small CHECK (length(body) < 100));
ALTER TABLE odd.events_2 ATTACH PARTITION odd.events_2b FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE odd.events_rest PARTITION OF odd.events DEFAULT;
CREATE INDEX events_body ON odd.events (body);
INSERT INTO odd.events SELECT i, 1 + i % 20, '2026-01-01'::timestamptz + i * interval '1 hour', 'b' || i FROM generate_series(1, 1700) i;
CREATE TABLE odd.event_notes (event bigint, at timestamptz, note text, FOREIGN KEY (event, at) REFERENCES odd.events);
ALTER TABLE odd.events_1 ADD CONSTRAINT only_here CHECK (id > 0) NOT VALID;
ALTER TABLE odd.event_notes ADD CONSTRAINT note_short CHECK (length(note) < 50) NOT VALID;
CREATE FUNCTION odd.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "Touch it" BEFORE UPDATE ON odd.events FOR EACH ROW EXECUTE FUNCTION odd.touch();
CREATE TRIGGER touch BEFORE UPDATE ON odd.accounts FOR EACH ROW EXECUTE FUNCTION odd.touch();
CREATE CONSTRAINT TRIGGER deferred_touch AFTER INSERT ON odd.accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION odd.touch();
ALTER TABLE odd.events_1 DISABLE TRIGGER "Touch it";
CREATE UNIQUE INDEX accounts_lower ON odd.accounts (lower(name)) WHERE n > 5;
ALTER TABLE odd.accounts REPLICA IDENTITY FULL;

-- routines of every kind and argument
CREATE FUNCTION odd.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION odd.f(int, VARIADIC text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION odd.f(IN a odd.mood, OUT b int, INOUT c "Sch""ema; x"."order", d timestamptz DEFAULT now(), e char(3)[] DEFAULT NULL) LANGUAGE sql AS 'SELECT 1, c';
CREATE FUNCTION odd."F (x)"("char", bit varying, double precision, odd.pair[]) RETURNS TABLE (z int) LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE odd.p(a int) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE odd.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE AGGREGATE odd.rows(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE AGGREGATE odd.hypo(VARIADIC "any" ORDER BY VARIADIC "any") (STYPE = internal, SFUNC = ordered_set_transition_multi, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
CREATE FUNCTION odd.eq(odd.mood, text) RETURNS boolean LANGUAGE sql AS 'SELECT $1::text = $2';
CREATE OPERATOR odd.=== (LEFTARG = odd.mood, RIGHTARG = text, FUNCTION = odd.eq);
CREATE OPERATOR CLASS odd.int_down FOR TYPE int USING btree AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp(int, int);
CREATE OPERATOR FAMILY odd.alone USING hash;
CREATE FUNCTION odd.pair_text(odd.pair) RETURNS text LANGUAGE sql AS 'SELECT $1.y';
CREATE CAST (odd.pair AS text) WITH FUNCTION odd.pair_text(odd.pair);
CREATE COLLATION odd.c FROM "C";
CREATE CONVERSION odd.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY odd.plain (TEMPLATE = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION odd.words (PARSER = pg_catalog."default");
CREATE TEXT SEARCH TEMPLATE odd.tmpl (LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH PARSER odd.prs (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE STATISTICS odd.stats (dependencies) ON id, at FROM odd.events;
CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler;

-- views, rules, policies
CREATE VIEW odd.v AS SELECT id, kind FROM ONLY odd.parent;
CREATE VIEW odd.circular AS SELECT id, name FROM odd.accounts GROUP BY id;
CREATE VIEW odd.insertable AS SELECT id FROM odd.empty;
CREATE RULE to_empty AS ON INSERT TO odd.insertable DO INSTEAD INSERT INTO odd.empty VALUES (NEW.id);
CREATE RULE never AS ON DELETE TO odd.floats DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW odd.per_account AS SELECT account, count(*) FROM odd.events GROUP BY account;
CREATE UNIQUE INDEX per_account_key ON odd.per_account (account);
CREATE MATERIALIZED VIEW odd.unfilled AS SELECT 1 AS one WITH NO DATA;
ALTER TABLE odd.accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY "my own" ON odd.accounts FOR SELECT USING (name = current_user);
ALTER TABLE odd.floats ENABLE ROW LEVEL SECURITY;
CREATE POLICY sleeping ON odd.times USING (true);
CREATE FUNCTION odd.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER "Watch" ON ddl_command_end EXECUTE FUNCTION odd.on_ddl();
CREATE PUBLICATION "all" FOR ALL TABLES WITH (publish = 'insert');
CREATE PUBLICATION "some" FOR TABLE odd.empty;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE odd.far (id int NOT NULL, CONSTRAINT far_id CHECK (id > 0)) SERVER elsewhere;
CREATE LANGUAGE sqlish HANDLER plpgsql_call_handler;

-- sequences
CREATE SEQUENCE odd.standalone START 100;
CREATE SEQUENCE odd.used; SELECT nextval('odd.used'), nextval('odd.used');
CREATE SEQUENCE odd.down INCREMENT -5 MAXVALUE 50 START 50 CYCLE; SELECT nextval('odd.down');
CREATE SEQUENCE odd.set_uncalled; SELECT setval('odd.set_uncalled', 42, false);
CREATE SEQUENCE "Sch""ema; x"."se""q";
CREATE SEQUENCE odd.huge AS bigint; SELECT setval('odd.huge', 9223372036854775807);
CREATE SEQUENCE odd.tiny AS smallint MINVALUE -32768; SELECT setval('odd.tiny', -32768);
SELECT lo_from_bytea(70001, 'hello'), lo_from_bytea(70002, convert_to(repeat('x', 700000), 'UTF8')), lo_from_bytea(70003, ''), lo_from_bytea(70004, decode(repeat('00ff', 131072), 'hex'));

\if :since14
CREATE TABLE odd.multi (m int4multirange);
INSERT INTO odd.multi VALUES ('{[1,2),[5,9)}');
CREATE FUNCTION odd.atomic(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a; END;
\endif
\if :since15
CREATE UNIQUE INDEX not_distinct ON odd.times (d) NULLS NOT DISTINCT;
CREATE UNLOGGED SEQUENCE odd.unlogged_sequence;
\endif
\if :since18
CREATE TABLE odd.virtual (a int CONSTRAINT named_not_null NOT NULL, v int GENERATED ALWAYS AS (a + 1) VIRTUAL, s int GENERATED ALWAYS AS (a + 2) STORED);
INSERT INTO odd.virtual VALUES (1), (2);
ALTER TABLE odd.virtual ADD CONSTRAINT unenforced FOREIGN KEY (a) REFERENCES "Sch""ema; x"."order" NOT ENFORCED;
ALTER TABLE odd.virtual ADD CONSTRAINT unenforced_check CHECK (a > 100) NOT ENFORCED;
CREATE TABLE odd.periods (id int4range, during int4range, PRIMARY KEY (id, during WITHOUT OVERLAPS));
\endif
\if :hstore
CREATE EXTENSION hstore SCHEMA odd;
CREATE TABLE odd.pairs (h odd.hstore);
INSERT INTO odd.pairs VALUES ('a=>1, "b c"=>NULL');
\endif
\if :vector
CREATE EXTENSION vector;
CREATE TABLE odd.embeddings (id int, v vector(3), h halfvec(3), s sparsevec(5));
INSERT INTO odd.embeddings SELECT i, ARRAY[i, 0.1, -i / 3.0]::vector, ARRAY[i, 0.1, 2]::halfvec, '{1:1.5,3:2}/5' FROM generate_series(1, 50) i;
CREATE INDEX embeddings_v ON odd.embeddings USING hnsw (v vector_l2_ops);
\endif
ANALYZE;
