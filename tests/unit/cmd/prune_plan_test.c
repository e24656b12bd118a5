/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/prune_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define NOW (INT64_C(20000) * TIME_DAY)

/*
 * One letter a backup, newest first, each a day older than the one before it: '.' never verified, 'd' read whole,
 * 'r' restored, 'f' failed, 'R' restored once and failed later. What becomes of it: 'y' young, 'p' proved, 'l' last
 * two, 'u' nothing may go, '-' removed.
 */
static const struct {
    const char *name, *backups;
    int keep_days;
    const char *expected;
} cases[] = {
    {"none", "", 1, ""},
    {"one", "d", 0, "y"},
    {"all young", "dddd", 10, "yyyy"},
    {"the old go", "rrrrrr", 2, "yyy---"},
    {"the limit belongs to the young", "rrr", 1, "yy-"},
    {"all old: two stay", "rrrr", 0, "yl--"},
    {"the newest proved stays", "dddrdd", 0, "yl-p--"},
    {"none proved: the newest that was read", "...d.d", 0, "yl-p--"},
    {"proved beats read", "dd.r.d", 0, "yl-p--"},
    {"nothing was verified", ".....", 1, "yyuuu"},
    {"all failed", "fffff", 1, "yyuuu"},
    {"only one that failed later was ever good", "..R..", 0, "ylpuu"},
    {"failed copies do not count as the last two", "ffdddd", 0, "ylpl--"},
    {"a failed one is newest", "frrr", 0, "ypl-"},
    {"failed later: it stays, and so does the one before it", "ddRdrd", 0, "ylp-p-"},
};

static void set(PruneBackup *backup, char kind, int days) {
    static char names[32][16];
    snprintf(names[days], sizeof(names[days]), "backup-%d", days);
    *backup = (PruneBackup){.path = names[days], .taken_at = NOW - days * TIME_DAY, .size = 1};
    backup->level = kind == 'd' ? 2 : kind == 'r' || kind == 'R' ? 4 : 0;
    backup->failed = kind == 'f' || kind == 'R';
}

static void test_cases(void **state) {
    (void)state;
    for (size_t row = 0; row < sizeof(cases) / sizeof(cases[0]); row++) {
        PruneBackup backups[16];
        char found[16] = "";
        size_t count = strlen(cases[row].backups);
        for (size_t at = 0; at < count; at++) /* given in any order */
            set(&backups[count - 1 - at], cases[row].backups[at], (int)at);
        prune_plan_decide(backups, count, NOW, cases[row].keep_days * TIME_DAY);
        for (size_t at = 0; at < count; at++)
            found[at] = "-yplu"[backups[at].reason];
        if (strcmp(found, cases[row].expected) != 0)
            fail_msg("%s: %s instead of %s", cases[row].name, found, cases[row].expected);
    }
}

static void test_age_unknown(void **state) {
    (void)state;
    PruneBackup backups[] = {{.path = "a", .taken_at = TIME_NONE, .level = 2},
                             {.path = "b", .taken_at = NOW, .level = 2},
                             {.path = "c", .taken_at = NOW - TIME_DAY, .level = 2},
                             {.path = "d", .taken_at = NOW + TIME_DAY, .level = 2}};
    prune_plan_decide(backups, 4, NOW, 0);
    assert_string_equal(backups[0].path, "d");
    assert_string_equal(backups[3].path, "a");
    assert_int_equal(backups[3].reason, PRUNE_YOUNG);
    assert_int_equal(backups[2].reason, PRUNE_REMOVE);
}

/* Whatever the history: two copies stay, and so does the newest that was proved. */
static void test_never(void **state) {
    (void)state;
    static const char kinds[] = ".drfR";
    for (unsigned number = 0; number < 5 * 5 * 5 * 5 * 5 * 5; number++) {
        PruneBackup backups[6];
        unsigned rest = number;
        for (int at = 0; at < 6; at++, rest /= 5)
            set(&backups[at], kinds[rest % 5], at + 1);
        prune_plan_decide(backups, 6, NOW, 0);
        size_t kept = 0;
        bool proved_seen = false;
        for (size_t at = 0; at < 6; at++) {
            bool proved = backups[at].level >= 3 && !backups[at].failed && !proved_seen;
            proved_seen |= proved;
            kept += backups[at].reason != PRUNE_REMOVE;
            assert_true(!proved || backups[at].reason != PRUNE_REMOVE);
        }
        assert_true(kept >= 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_age_unknown),
                                       cmocka_unit_test(test_never)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
