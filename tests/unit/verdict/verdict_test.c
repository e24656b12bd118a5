/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "verdict/verdict.h"

/* Checks of each rung; the required ones are those that verdict.c names. */
static const char *const ids[] = {"exists", "age",      "size",       "header",
                                  "decode", "complete", "row-counts", "restorability"};
static const int levels[] = {1, 1, 1, 2, 2, 2, 2, 3};
static const bool required[] = {true, true, true, true, true, true, false, false};
#define CHECKS (sizeof(ids) / sizeof(ids[0]))
#define STATUSES 5

static Report *report_of(Arena *arena, const CheckStatus statuses[CHECKS]) {
    Report *report = ARENA_NEW(arena, Report);
    report->arena = arena;
    for (size_t at = 0; at < CHECKS; at++) {
        const Check *check = check_find(ids[at]);
        assert_non_null(check);
        assert_int_equal(check->level, levels[at]);
        *LIST_PUSH(arena, report->checks) =
            (CheckResult){.check = check, .status = statuses[at], .expected = "", .observed = "", .why = "a reason"};
    }
    return report;
}

/* The rule in the words of the header, written a second time and differently. */
static Verdict expected_verdict(const CheckStatus statuses[CHECKS], bool strict) {
    size_t seen[STATUSES] = {0};
    for (size_t at = 0; at < CHECKS; at++)
        seen[statuses[at]]++;
    if (seen[CHECK_FAIL] > 0)
        return VERDICT_FAIL;
    if (seen[CHECK_UNKNOWN] > 0 || seen[CHECK_SKIPPED] == CHECKS)
        return VERDICT_UNKNOWN;
    if (seen[CHECK_WARN] > 0)
        return strict ? VERDICT_FAIL : VERDICT_WARN;
    return VERDICT_PASS;
}

static int expected_level(const CheckStatus statuses[CHECKS]) {
    int reached = 2; /* nothing here restores */
    for (size_t at = 0; at < CHECKS; at++) {
        bool bad = statuses[at] == CHECK_FAIL || statuses[at] == CHECK_UNKNOWN ||
                   (required[at] && statuses[at] == CHECK_SKIPPED);
        if (bad && levels[at] - 1 < reached)
            reached = levels[at] - 1;
    }
    return reached;
}

static void test_every_combination(void **state) {
    (void)state;
    size_t total = 1, tally[4] = {0};
    for (size_t at = 0; at < CHECKS; at++)
        total *= STATUSES;
    for (size_t number = 0; number < total; number++) {
        Arena *arena = arena_new();
        CheckStatus statuses[CHECKS];
        for (size_t at = 0, rest = number; at < CHECKS; at++, rest /= STATUSES)
            statuses[at] = (CheckStatus)(rest % STATUSES);
        Report *report = report_of(arena, statuses);
        for (int strict = 0; strict < 2; strict++) {
            verdict_judge(report, strict != 0);
            assert_int_equal(report->verdict, expected_verdict(statuses, strict != 0));
            assert_int_equal(report->proof_level, expected_level(statuses));
            assert_true(report->reason != NULL && report->reason[0] != '\0');
            assert_non_null(report->next_step);
        }
        tally[report->verdict]++;
        arena_free(arena);
    }
    assert_int_equal(total, 390625);
    for (size_t at = 0; at < 4; at++)
        assert_true(tally[at] > 0 || at == VERDICT_WARN); /* strict leaves no warning */
}

static const CheckStatus P = CHECK_PASS, W = CHECK_WARN, F = CHECK_FAIL, U = CHECK_UNKNOWN, S = CHECK_SKIPPED;

static void test_named_combinations(void **state) {
    (void)state;
    const struct {
        const char *name;
        CheckStatus statuses[CHECKS];
        bool strict;
        Verdict verdict;
        int level;
        int status;
    } rows[] = {
        {"all hold", {P, P, P, P, P, P, P, P}, false, VERDICT_PASS, 2, 0},
        {"nothing ran", {S, S, S, S, S, S, S, S}, false, VERDICT_UNKNOWN, 0, 2},
        {"nothing could run", {U, U, U, U, U, U, U, U}, false, VERDICT_UNKNOWN, 0, 2},
        {"one unknown and one failed", {P, P, P, P, U, F, P, P}, false, VERDICT_FAIL, 1, 1},
        {"one unknown and one warned", {P, W, P, P, U, P, P, P}, false, VERDICT_UNKNOWN, 1, 2},
        {"a warning", {P, P, P, P, P, P, W, P}, false, VERDICT_WARN, 2, 0},
        {"a warning, strict", {P, P, P, P, P, P, W, P}, true, VERDICT_FAIL, 2, 1},
        {"unknown stays unknown when strict", {P, P, P, P, P, P, U, P}, true, VERDICT_UNKNOWN, 1, 2},
        {"no live database was given", {P, P, P, P, P, P, S, P}, false, VERDICT_PASS, 2, 0},
        {"decoding was left out", {P, P, P, P, S, P, P, P}, false, VERDICT_PASS, 1, 0},
        {"stale, though it decodes", {P, F, P, P, P, P, P, P}, false, VERDICT_FAIL, 0, 1},
        {"cannot be restored here", {P, P, P, P, P, P, P, F}, false, VERDICT_FAIL, 2, 1},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Arena *arena = arena_new();
        Report *report = report_of(arena, rows[at].statuses);
        verdict_judge(report, rows[at].strict);
        if (report->verdict != rows[at].verdict || report->proof_level != rows[at].level ||
            report_exit_status(report->verdict) != rows[at].status)
            fail_msg("%s: %s, level %d", rows[at].name, report_verdict_name(report->verdict), report->proof_level);
        arena_free(arena);
    }
}

static void test_no_checks_at_all(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Report report = {.arena = arena};
    verdict_judge(&report, false);
    assert_int_equal(report.verdict, VERDICT_UNKNOWN);
    assert_int_equal(report.proof_level, 0);
    assert_string_equal(report.reason, "Nothing was looked at");
    arena_free(arena);
}

/* The sentence is the worst finding's, and what to do is what its row says. */
static void test_reason(void **state) {
    (void)state;
    Arena *arena = arena_new();
    CheckStatus statuses[CHECKS] = {P, W, P, P, P, F, P, P};
    Report *report = report_of(arena, statuses);
    *LIST_PUSH(arena, report->checks.items[1].findings) =
        (Finding){.id = "backup-stale", .severity = CHECK_WARNING, .message = "old"};
    *LIST_PUSH(arena, report->checks.items[5].findings) =
        (Finding){.id = "truncated", .severity = CHECK_FAILURE, .message = "cut here"};
    *LIST_PUSH(arena, report->checks.items[5].findings) =
        (Finding){.id = "data-missing", .severity = CHECK_FAILURE, .message = "gone"};
    verdict_judge(report, false);
    assert_string_equal(report->reason, "cut here (and 1 more failure)");
    assert_string_equal(report->next_step, check_find_finding("truncated")->action);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_named_combinations),
        cmocka_unit_test(test_no_checks_at_all),
        cmocka_unit_test(test_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
