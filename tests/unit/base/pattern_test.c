/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "base/pattern.h"

/* What the expression is written out to. */
static void sizes(void **state) {
    static const struct {
        const char *expression;
        double size;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"a|bc", 3},
        {"a{3}", 3},
        {"a{2,5}b", 6},
        {"a{3,}", 4},
        {"a{0,0}", 1},
        {"a{x", 3},
        {"a+b*c?", 4},
        {"(ab){10}c", 21},
        {"((a{10}){10}){10}", 1000},
        {"[]a{9}[:digit:]]{4}", 4},
        {"[^]]{7}", 7},
        {"\\(a{2}\\{3", 5},
        {"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", 36},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if ((int)pattern_size(cases[i].expression) != (int)cases[i].size)
            fail_msg("%s: %g, not %g", cases[i].expression, pattern_size(cases[i].expression), cases[i].size);
}

static void bombs_are_not_compiled(void **state) {
    static const char *const bombs[] = {
        "(a{250}){250}", "((((a{99}){99}){99}){99}){99}", "a++++++++++++++++++++++++++++++++", "(((a+)+)+){5000}",
        "x{20001}",
    };
    Arena *arena = arena_new();
    regex_t regex;
    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        const char *why = pattern_compile(arena, bombs[i], REG_EXTENDED, &regex);
        assert_non_null(why);
        assert_non_null(strstr(why, "repetitions"));
    }
    char deep[200];
    memset(deep, '(', 100);
    memset(deep + 100, ')', 99);
    deep[199] = '\0';
    assert_non_null(pattern_compile(arena, deep, REG_EXTENDED, &regex));
    const char *why = pattern_compile(arena, "a(b", REG_EXTENDED, &regex);
    assert_non_null(why);
    assert_null(strstr(why, "repetitions"));
    assert_null(pattern_compile(arena, "^(FATAL|ERROR): .{1,80}[0-9]+$", REG_EXTENDED | REG_NOSUB, &regex));
    assert_int_equal(regexec(&regex, "FATAL: too many 42", 0, NULL, 0), 0);
    assert_int_equal(regexec(&regex, "LOG: too many 42", 0, NULL, 0), REG_NOMATCH);
    regfree(&regex);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizes), cmocka_unit_test(bombs_are_not_compiled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
