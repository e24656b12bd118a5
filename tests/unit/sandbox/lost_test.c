/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sandbox/lost.h"
#include "sandbox/redact.h"

/* A statement that failed for a reason, and what the server says of something later. */
static const struct {
    const char *statement, *message, *kind; /* NULL: no consequence */
} cases[] = {
    {"CREATE VIEW public.v AS SELECT 1", "relation \"public.v\" does not exist", "VIEW"},
    {"CREATE VIEW public.v AS SELECT 1", "relation \"v\" does not exist", "VIEW"},
    {"CREATE VIEW public.v AS SELECT 1", "relation \"public.w\" does not exist", NULL},
    {"CREATE VIEW public.v AS SELECT 1", "relation \"private.v\" does not exist", NULL},
    {"CREATE VIEW public.v AS SELECT 1", "permission denied for view v", NULL},
    {"CREATE INDEX i ON public.t USING hnsw (e)", "relation \"public.i\" does not exist", "INDEX"},
    {"CREATE INDEX i ON public.t USING hnsw (e)", "relation \"public.t\" does not exist", NULL},
    {"CREATE FUNCTION public.f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
     "function public.f(integer) does not exist", "FUNCTION"},
    {"CREATE FOREIGN TABLE public.t (a integer) SERVER s", "relation \"public.t\" does not exist", "FOREIGN TABLE"},
    {"ALTER TABLE public.t OWNER TO nobody", "relation \"public.t\" does not exist", NULL},
    {"ALTER TABLE ONLY public.t ADD CONSTRAINT k PRIMARY KEY (a)", "relation \"public.t\" does not exist", NULL},
    {"ALTER TABLE ONLY public.t ADD CONSTRAINT k PRIMARY KEY (a)", "constraint \"k\" does not exist", "CONSTRAINT"},
    {"SELECT pg_catalog.setval('cron.s', 2, true)", "relation \"cron.s\" does not exist", "SEQUENCE"},
    {"COMMENT ON TABLE public.t IS 'x'", "relation \"public.t\" does not exist", NULL},
    {"GRANT SELECT ON TABLE public.t TO x", "relation \"public.t\" does not exist", NULL},
};

static void a_consequence_names_what_was_not_made(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        LostObjects lost = {0};
        lost_add(arena, &lost, text_of(cases[i].statement), EXPLAIN_MISSING_EXTENSION, "because");
        lost_add(arena, &lost, text_of(cases[i].statement), EXPLAIN_MISSING_EXTENSION, "because");
        assert_true(lost.count <= 1);
        const LostObject *found = lost_missing(arena, &lost, cases[i].message);
        if ((found == NULL) != (cases[i].kind == NULL) || (found != NULL && strcmp(found->kind, cases[i].kind) != 0))
            fail_msg("%s; %s: %s", cases[i].statement, cases[i].message, found == NULL ? "nothing" : found->kind);
        arena_free(arena);
    }
}

static const char *const redacted[][2] = {
    {"CREATE TABLE t (a text DEFAULT 'x')", "CREATE TABLE t (a text DEFAULT 'x')"},
    {"CREATE ROLE a PASSWORD 'SCRAM-SHA-256$4096:x' LOGIN", "CREATE ROLE a PASSWORD '***' LOGIN"},
    {"CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'u', password 'p''w')",
     "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'u', password '***')"},
    {"CREATE SUBSCRIPTION s CONNECTION 'host=h' PUBLICATION p", "CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION p"},
    {"SELECT dblink_connect('host=h PASSWORD=x')", "SELECT dblink_connect('***')"},
    {"SELECT dblink_connect('postgresql://u:x@h/d')", "SELECT dblink_connect('***')"},
    {"DO $x$ BEGIN PERFORM dblink('password=1'); END $x$ ", "DO '***' "},
    {"ALTER ROLE a PASSWORD 'never closed", "ALTER ROLE a PASSWORD '***'"},
    {"", ""},
};

static void secrets_are_not_shown(void **state) {
    (void)state;
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(redacted) / sizeof(redacted[0]); i++)
        assert_string_equal(redact_statement(arena, text_of(redacted[i][0])), redacted[i][1]);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_consequence_names_what_was_not_made),
                                       cmocka_unit_test(secrets_are_not_shown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
