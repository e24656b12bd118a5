/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sandbox/keepout.h"
#include "sandbox/origin.h"

/* As pg_dump 13, 15, 17 and 18 write it, and what somebody hostile might. */
static const struct {
    const char *statement, *options;
} cases[] = {
    {"CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'en_US.UTF-8';", "LOCALE=en_US.UTF-8 "},
    {"CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LC_COLLATE = 'C' LC_CTYPE "
     "= 'C.UTF-8';",
     "LOCALE_PROVIDER=libc LC_COLLATE=C LC_CTYPE=C.UTF-8 "},
    {"CREATE DATABASE \"locale\" WITH TEMPLATE = template0 LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-AT';",
     "LOCALE_PROVIDER=icu LOCALE=C ICU_LOCALE=de-AT "},
    {"CREATE DATABASE app WITH TABLESPACE = elsewhere OWNER = 'locale' CONNECTION LIMIT = 5;", ""},
    {"CREATE DATABASE app WITH LOCALE = 'x''; DROP DATABASE y; --';", "LOCALE=x'; DROP DATABASE y; -- "},
    {"CREATE DATABASE locale", ""},
    {"", ""},
};

static void locales(void **state) {
    (void)state;
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Origin origin = {0};
        const char *text = "";
        origin_parse(arena, text_of(cases[i].statement), &origin);
        LIST_EACH (const OriginOption, option, origin.locale)
            text = arena_printf(arena, "%s%s=%s ", text, option->name, option->value);
        assert_string_equal(text, cases[i].options);
    }
    arena_free(arena);
}

static const struct {
    const char *statement;
    bool stays_out;
} acting[] = {
    {"CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)", true},
    {"ALTER SUBSCRIPTION s OWNER TO x", true},
    {"COPY cron.job (jobid, schedule) FROM stdin", true},
    {"INSERT INTO cron.job VALUES (1)", true},
    {"CREATE PUBLICATION p", false},
    {"CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()", false},
    {"COPY public.job (jobid) FROM stdin", false},
    {"COPY cron (jobid) FROM stdin", false},
    {"CREATE TABLE cron.job (jobid bigint)", false},
    {"INSERT INTO subscription VALUES (1)", false},
};

static void in_earnest(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(acting) / sizeof(acting[0]); i++)
        if ((keepout_acts_at_once(text_of(acting[i].statement)) != NULL) != acting[i].stays_out)
            fail_msg("%s", acting[i].statement);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(locales), cmocka_unit_test(in_earnest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
