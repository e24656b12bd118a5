/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sandbox/explain.h"

static const char *const no_extension[] = {NULL};
static const char *const absent[] = {"vector", "pg_cron", NULL};

static ExplainClass class_of(const Explain *explain, const char *message, const char *statement) {
    const ExplainRule *rule = explain_error(explain, message, statement);
    return rule == NULL ? EXPLAIN_REAL : rule->class;
}

static void table(void **state) {
    (void)state;
    static const struct {
        const char *message, *statement;
        ExplainClass with_absent, with_all;
    } cases[] = {
        {"role \"app\" does not exist", "ALTER TABLE t OWNER TO app", EXPLAIN_MISSING_ROLE, EXPLAIN_MISSING_ROLE},
        {"column \"role \"x\" does not exist\" bad", "SELECT 1", EXPLAIN_REAL, EXPLAIN_REAL},
        {"extension \"vector\" is not available", "CREATE EXTENSION vector", EXPLAIN_MISSING_EXTENSION,
         EXPLAIN_MISSING_EXTENSION},
        {"access method \"hnsw\" does not exist", "CREATE INDEX", EXPLAIN_MISSING_EXTENSION, EXPLAIN_REAL},
        {"schema \"cron\" does not exist", "COPY cron.job", EXPLAIN_EXTENSION_OBJECT, EXPLAIN_REAL},
        {"unrecognized configuration parameter \"transaction_timeout\"", "SET transaction_timeout = 0;",
         EXPLAIN_NEWER_SETTING, EXPLAIN_NEWER_SETTING},
        {"unrecognized configuration parameter \"x\"", "SELECT current_setting('x')", EXPLAIN_REAL, EXPLAIN_REAL},
        {"could not extend file \"base/1/2\": No space left on device", "COPY t", EXPLAIN_ENVIRONMENT,
         EXPLAIN_ENVIRONMENT},
        {"program \"curl x\" failed", "COPY t TO PROGRAM 'curl x'", EXPLAIN_REFUSED, EXPLAIN_REFUSED},
        {"must be superuser", "CREATE EVENT TRIGGER e", EXPLAIN_PLATFORM_OBJECT, EXPLAIN_PLATFORM_OBJECT},
        {"relation \"contacts\" does not exist", "COPY contacts", EXPLAIN_REAL, EXPLAIN_REAL},
        {"duplicate key value violates unique constraint \"p\"", "", EXPLAIN_REAL, EXPLAIN_REAL},
        {"invalid input syntax for type integer: \"x\"", "COPY", EXPLAIN_REAL, EXPLAIN_REAL},
    };
    Arena *arena = arena_new();
    Explain *some = NULL, *all = NULL;
    assert_null(explain_new(arena, absent, NULL, 0, &some));
    assert_null(explain_new(arena, no_extension, NULL, 0, &all));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (class_of(some, cases[i].message, cases[i].statement) != cases[i].with_absent)
            fail_msg("with absent extensions: %s", cases[i].message);
        if (class_of(all, cases[i].message, cases[i].statement) != cases[i].with_all)
            fail_msg("with all extensions: %s", cases[i].message);
    }
    arena_free(arena);
}

static void every_rule_has_a_reason(void **state) {
    (void)state;
    for (const ExplainRule *rule = explain_rules; rule->name != NULL; rule++) {
        assert_true(rule->reason != NULL && rule->reason[0] != '\0');
        assert_true(rule->message != NULL || rule->statement != NULL);
        assert_int_not_equal(rule->class, EXPLAIN_REAL);
    }
    for (ExplainClass class = 0; class < EXPLAIN_CLASSES; class ++)
        assert_non_null(explain_class_id(class));
}

static void user_rules(void **state) {
    (void)state;
    static const struct {
        ExplainRule rule;
        const char *refusal; /* NULL: accepted */
    } cases[] = {
        {{"mine", EXPLAIN_USER, NULL, "^legacy function", NULL, "kept for reports nobody runs"}, NULL},
        {{"no-reason", EXPLAIN_USER, NULL, "x", NULL, NULL}, "has no reason"},
        {{"blank-reason", EXPLAIN_USER, NULL, "x", NULL, "  "}, "has no reason"},
        {{"everything", EXPLAIN_USER, NULL, NULL, NULL, "lazy"}, "every error"},
        {{"broken", EXPLAIN_USER, NULL, "(", NULL, "why"}, "malformed"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Explain *explain = NULL;
        Err *err = explain_new(arena, no_extension, &cases[i].rule, 1, &explain);
        if (cases[i].refusal == NULL) {
            assert_null(err);
            assert_int_equal(class_of(explain, "legacy function f() does not exist", ""), EXPLAIN_USER);
            assert_int_equal(class_of(explain, "other function f() does not exist", ""), EXPLAIN_REAL);
        } else {
            assert_non_null(err);
            assert_true(err_is(err, ERR_CONFIG));
            assert_non_null(strstr(err->message, cases[i].refusal));
        }
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(every_rule_has_a_reason),
                                       cmocka_unit_test(user_rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
