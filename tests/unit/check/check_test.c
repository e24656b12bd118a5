/* SPDX-License-Identifier: PostgreSQL */
#include "world.h"

/* What a check does, and what the runner makes of it. */
static const CheckFinding broken = {.id = "broken", .severity = CHECK_FAILURE, .title = "Broken", .acceptable = true};
static const CheckFinding odd = {.id = "odd", .severity = CHECK_WARNING, .title = "Odd"};
static const CheckFinding remark = {.id = "remark", .severity = CHECK_NOTICE, .title = "Remark"};
static const CheckFinding *const findings[] = {&broken, &odd, &remark, NULL};

static void silent(CheckContext *c, CheckResult *r) {
    (void)c;
    (void)r;
}
static void passes(CheckContext *c, CheckResult *r) {
    (void)c;
    check_pass(r);
}
static void remarks_only(CheckContext *c, CheckResult *r) {
    check_report(c, r, &remark, "", "a remark is no answer");
}
static void remarks_and_passes(CheckContext *c, CheckResult *r) {
    remarks_only(c, r);
    check_pass(r);
}
static void warns_and_passes(CheckContext *c, CheckResult *r) {
    check_report(c, r, &odd, "", "odd");
    check_pass(r);
}
static void fails_then_warns(CheckContext *c, CheckResult *r) {
    check_report(c, r, &broken, "", "broken");
    warns_and_passes(c, r);
}
static void passes_then_fails(CheckContext *c, CheckResult *r) {
    check_pass(r);
    check_report(c, r, &broken, "", "broken");
}
static void unknown_then_passes(CheckContext *c, CheckResult *r) {
    check_unknown(c, r, "blind");
    check_pass(r);
}
static void passes_then_unknown(CheckContext *c, CheckResult *r) {
    check_pass(r);
    check_unknown(c, r, "blind");
}
static void unknown_and_warns(CheckContext *c, CheckResult *r) {
    check_unknown(c, r, "blind");
    warns_and_passes(c, r);
}
static void fails_and_unknown(CheckContext *c, CheckResult *r) {
    check_report(c, r, &broken, "", "broken");
    check_unknown(c, r, "blind");
}
static void unknown_and_fails(CheckContext *c, CheckResult *r) {
    check_unknown(c, r, "blind");
    check_report(c, r, &broken, "", "broken");
}
static void skips(CheckContext *c, CheckResult *r) {
    check_skip(c, r, "nobody asked");
}
static void skips_then_passes(CheckContext *c, CheckResult *r) {
    skips(c, r);
    check_pass(r);
}
static void downgraded(CheckContext *c, CheckResult *r) {
    CheckFinding graded = check_graded(&broken, CHECK_WARNING);
    check_report(c, r, &graded, "", "half broken");
    check_pass(r);
}

static void test_status(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*run)(CheckContext *context, CheckResult *result);
        CheckStatus status;
    } rows[] = {
        {"silent", silent, CHECK_UNKNOWN},
        {"passes", passes, CHECK_PASS},
        {"remarks only", remarks_only, CHECK_UNKNOWN},
        {"remarks and passes", remarks_and_passes, CHECK_PASS},
        {"warns and passes", warns_and_passes, CHECK_WARN},
        {"fails then warns", fails_then_warns, CHECK_FAIL},
        {"passes then fails", passes_then_fails, CHECK_FAIL},
        {"unknown then passes", unknown_then_passes, CHECK_UNKNOWN},
        {"passes then unknown", passes_then_unknown, CHECK_UNKNOWN},
        {"unknown and warns", unknown_and_warns, CHECK_UNKNOWN},
        {"fails and unknown", fails_and_unknown, CHECK_FAIL},
        {"unknown and fails", unknown_and_fails, CHECK_FAIL},
        {"skips", skips, CHECK_SKIPPED},
        {"skips then passes", skips_then_passes, CHECK_SKIPPED},
        {"downgraded", downgraded, CHECK_WARN},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        World *world = world_new();
        Check check = {.id = "sample", .title = "Sample", .findings = findings, .run = rows[at].run};
        CheckResult result;
        check_run(&world->context, &check, &result);
        if (result.status != rows[at].status)
            fail_msg("%s: %s", rows[at].name, check_status_name(result.status));
        if (result.status == CHECK_UNKNOWN || result.status == CHECK_SKIPPED)
            assert_non_null(result.why);
        assert_true(result.seconds >= 0);
        arena_free(world->arena);
    }
}

static void complains_often(CheckContext *c, CheckResult *r) {
    for (int at = 0; at < 1234; at++) {
        check_report(c, r, at == 1200 ? &broken : &odd, "", "number %d", at);
    }
}

static void test_many_findings_are_condensed(void **state) {
    (void)state;
    World *world = world_new();
    Check check = {.id = "sample", .title = "Sample", .findings = findings, .run = complains_often};
    CheckResult result;
    check_run(&world->context, &check, &result);
    assert_int_equal(result.status, CHECK_FAIL);
    assert_int_equal(result.findings.count, CHECK_FINDINGS_SHOWN + 2);
    assert_string_equal(result.findings.items[CHECK_FINDINGS_SHOWN].id, "broken");
    const Finding *last = &result.findings.items[CHECK_FINDINGS_SHOWN + 1];
    assert_string_equal(last->message, "Odd (and 1,183 more like this)");
    assert_int_equal(last->severity, CHECK_WARNING);
    arena_free(world->arena);
}

static void test_accept_is_validated(void **state) {
    (void)state;
    static const struct {
        const char *value;
        const char *error; /* NULL: accepted */
    } rows[] = {
        {"row-count-drift", NULL},
        {"row-count-drift:public.*", NULL},
        {"large-objects-missing,schema-missing:storage", NULL},
        {"truncated", "cannot be accepted"},
        {"decode-failed:public.contacts", "cannot be accepted"},
        {"row-count-drif", "no finding named"},
        {"", NULL},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        World *world = world_new();
        world_set(world, "accept", rows[at].value);
        const Err *err = check_validate(world->arena, world->settings);
        if (rows[at].error == NULL && err != NULL)
            fail_msg("%s: %s", rows[at].value, err->message);
        if (rows[at].error != NULL && (err == NULL || strstr(err->message, rows[at].error) == NULL))
            fail_msg("%s: %s", rows[at].value, err == NULL ? "no error" : err->message);
        if (err != NULL)
            assert_int_equal(err->kind, ERR_CONFIG);
        arena_free(world->arena);
    }
}

static void test_tolerances_are_validated(void **state) {
    (void)state;
    static const struct {
        const char *value;
        bool good;
    } rows[] = {{"contacts=20%", true}, {"contacts=20", true},   {"a.b=0.5%", true}, {"contacts", false},
                {"contacts=", false},   {"contacts=ten", false}, {"=5%", false},     {"contacts=-5%", false}};
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        World *world = world_new();
        world_set(world, "table_tolerance", rows[at].value);
        if ((check_validate(world->arena, world->settings) == NULL) != rows[at].good)
            fail_msg("%s", rows[at].value);
        arena_free(world->arena);
    }
}

static void test_words(void **state) {
    (void)state;
    Arena *arena = arena_new();
    assert_string_equal(check_number_text(arena, 0), "0");
    assert_string_equal(check_number_text(arena, 999), "999");
    assert_string_equal(check_number_text(arena, 1000), "1,000");
    assert_string_equal(check_number_text(arena, UINT64_MAX), "18,446,744,073,709,551,615");
    assert_string_equal(check_count_text(arena, 1, "table"), "1 table");
    assert_string_equal(check_count_text(arena, 0, "row"), "0 rows");
    assert_string_equal(check_percent_text(arena, 0.1), "10 %");
    assert_string_equal(check_percent_text(arena, 0.123), "12.3 %");
    assert_string_equal(check_percent_text(arena, 0.0004), "0.04 %");
    assert_string_equal(check_percent_text(arena, 1), "100 %");
    assert_string_equal(check_percent_text(arena, 25.5), "2550 %");
    arena_free(arena);
}

/* The table is what the reference, --help and explain are made of. */
static void test_table_is_complete(void **state) {
    (void)state;
    for (const Check *const *check = check_table; *check != NULL; check++) {
        assert_ptr_equal(check_find((*check)->id), *check);
        assert_true((*check)->level >= 1 && (*check)->level <= 6);
        assert_non_null((*check)->title);
        assert_non_null((*check)->explain);
        for (const CheckFinding *const *finding = (*check)->findings; *finding != NULL; finding++) {
            assert_ptr_equal(check_find_finding((*finding)->id), *finding); /* no id is declared twice */
            assert_true(strlen((*finding)->title) > 10 && strlen((*finding)->means) > 40 &&
                        strlen((*finding)->action) > 40);
        }
    }
    assert_null(check_find("nothing"));
    assert_null(check_find_finding("nothing"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_many_findings_are_condensed),
        cmocka_unit_test(test_accept_is_validated),
        cmocka_unit_test(test_tolerances_are_validated),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_table_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
