/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sandbox/examine.h"
#include "sandbox/keepout.h"

typedef enum Fate { RUNS, LEFT_OUT, REFUSED } Fate;

static const struct {
    const char *statement;
    Fate fate;
} cases[] = {
    {"", RUNS},
    {"CREATE TABLE public.program (id integer)", RUNS},
    {"COPY public.t (id, program) FROM stdin", RUNS},
    {"COPY public.t FROM PROGRAM 'curl http://x'", REFUSED},
    {"copy (select 1) to program 'sh'", REFUSED},
    {"COPY t TO '/etc/cron.d/x'", REFUSED},
    {"COPY t (a, \"from\") FROM stdin", RUNS},
    {"INSERT INTO t VALUES ('COPY t FROM PROGRAM')", RUNS},
    {"INSERT INTO t SELECT pg_read_file('/etc/passwd')", REFUSED},
    {"INSERT INTO t (pg_read_file) VALUES (1)", RUNS},
    {"SELECT pg_catalog.lo_import('/etc/passwd')", REFUSED},
    {"SELECT pg_catalog.setval('s', 5, true)", RUNS},
    {"SELECT pg_catalog.lo_create('70001')", RUNS},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$import os$$", REFUSED},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x', 'y'", REFUSED},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$BEGIN PERFORM pg_read_file('x'); END$$", RUNS},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$", RUNS},
    {"CREATE OR REPLACE LANGUAGE plperlu", REFUSED},
    {"DO $$ BEGIN EXECUTE 'COPY t TO PROGRAM ''id'''; END $$", REFUSED},
    {"DO $$ BEGIN CREATE TYPE mood AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$", RUNS},
    {"LOAD 'evil'", REFUSED},
    {"ALTER SYSTEM SET archive_command = 'x'", REFUSED},
    {"CREATE TABLE t (a int); COPY t TO PROGRAM 'sh'; SELECT 1", REFUSED},
    {"CREATE TABLE t (a text DEFAULT ';COPY t TO PROGRAM'); COMMENT ON TABLE t IS 'x';", RUNS},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT lo_export(1, "
     "'x'); END; "
     "SELECT 1",
     RUNS},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END; SELECT lo_export(1, 'x')", REFUSED},
    {"CREATE MATERIALIZED VIEW m AS SELECT * FROM dblink('host=h', 'SELECT 1') AS t(a int)", REFUSED},
    {"CREATE TABLE t AS SELECT pg_read_file('/etc/passwd')", REFUSED},
    {"CREATE VIEW v AS SELECT * FROM dblink('host=h', 'SELECT 1') AS t(a int)", RUNS},
    {"CREATE TABLE t (a text DEFAULT pg_read_file('x'))", RUNS},
    {"CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()", LEFT_OUT},
    {"COMMENT ON EVENT TRIGGER e IS 'x'", LEFT_OUT},
    {"CREATE PUBLICATION p FOR ALL TABLES", LEFT_OUT},
    {"ALTER SUBSCRIPTION s OWNER TO app", LEFT_OUT},
    {"CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw", LEFT_OUT},
    {"CREATE USER MAPPING FOR app SERVER s", LEFT_OUT},
    {"CREATE USER app", RUNS},
    {"CREATE FOREIGN TABLE t (a int) SERVER s", LEFT_OUT},
    {"ALTER TABLE ONLY t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u(a)", RUNS},
    {"ALTER ROLE postgres SET session_preload_libraries TO 'supautils', 'safeupdate'", LEFT_OUT},
    {"ALTER ROLE app IN DATABASE d SET \"session_preload_libraries\" TO 'x'", LEFT_OUT},
    {"ALTER ROLE app SET statement_timeout TO '8s'", RUNS},
    {"CREATE TRIGGER h AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION supabase_functions.http_request('u')", LEFT_OUT},
    {"CREATE TRIGGER h AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION \"net\".http_post('u')", LEFT_OUT},
    {"CREATE TRIGGER net AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION public.touch()", RUNS},
    {"CREATE VIEW v AS SELECT 'EVENT TRIGGER'", RUNS},
    {"GRANT USAGE ON FOREIGN SERVER s TO app", LEFT_OUT},
    {"GRANT SELECT ON TABLE server TO app", RUNS},
};

static void fates(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Text statement = text_of(cases[i].statement);
        Fate fate = keepout_hostile(statement) != NULL ? REFUSED : keepout_acts(statement) != NULL ? LEFT_OUT : RUNS;
        if (fate != cases[i].fate)
            fail_msg("%s: %d instead of %d", cases[i].statement, fate, cases[i].fate);
    }
}

static void expectations(void **state) {
    (void)state;
    static const struct {
        const char *expect, *answer;
        size_t rows;
        bool met;
    } wanted[] = {
        {"rows", "x", 1, true}, {"rows", NULL, 0, false},  {"none", NULL, 0, true}, {"none", "x", 1, false},
        {"= 5", "5", 1, true},  {"= 5", "5.0", 1, true},   {"= 5", "6", 1, false},  {"> 0", "1", 1, true},
        {"> 0", "0", 1, false}, {">= 10", "10", 1, true},  {"<= 3", "4", 1, false}, {"< 3", "2", 1, true},
        {"!= x", "y", 1, true}, {"!= x", "x", 1, false},   {"ok", "ok", 1, true},   {"ok", "OK", 1, false},
        {"> 9", "10", 1, true}, {"= abc", "abc", 1, true}, {"5", NULL, 0, false},   {"> 0", NULL, 0, false},
        {"=5", "5", 1, true},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (examine_expects(wanted[i].expect, wanted[i].answer, wanted[i].rows) != wanted[i].met)
            fail_msg("%s of %s", wanted[i].expect, wanted[i].answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(fates), cmocka_unit_test(expectations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
