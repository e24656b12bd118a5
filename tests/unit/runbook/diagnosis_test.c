/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runbook/diagnosis.h"

static ProbeOutcome outcome_of(char letter) {
    return letter == 'p' ? PROBE_PRESENT : letter == 'a' ? PROBE_ABSENT : letter == '?' ? PROBE_UNKNOWN : PROBE_UNSET;
}

/* p present, a absent, ? cannot tell, - not asked */
static void answers_are_joined(void **state) {
    static const struct {
        const char *answers;
        char any, all;
    } cases[] = {{"p", 'p', 'p'},  {"a", 'a', 'a'},  {"?", '?', '?'},  {"-", '?', '?'},   {"pa", 'p', 'a'},
                 {"p?", 'p', '?'}, {"a?", '?', 'a'}, {"p-", 'p', '?'}, {"a-", 'a', 'a'},  {"?-", '?', '?'},
                 {"--", '?', '?'}, {"aa", 'a', 'a'}, {"pp", 'p', 'p'}, {"a-?", '?', 'a'}, {"", '?', '?'}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ProbeOutcome answers[8];
        size_t count = strlen(cases[i].answers);
        for (size_t j = 0; j < count; j++)
            answers[j] = outcome_of(cases[i].answers[j]);
        if (diagnosis_join(false, answers, count) != outcome_of(cases[i].any) ||
            diagnosis_join(true, answers, count) != outcome_of(cases[i].all))
            fail_msg("\"%s\"", cases[i].answers);
    }
}

static void rights_have_forms(void **state) {
    static const char *const good[] = {"role:pg_monitor", "bypassrls", "superuser", "select:public.calls",
                                       "extension:x",     "tool:psql", "version:14"};
    static const char *const bad[] = {"", "role", "role:", "bypassrls:", "bypassrls:x", "owner:x", "select:", "tool"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(right_is(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(right_is(bad[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_joined), cmocka_unit_test(rights_have_forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
