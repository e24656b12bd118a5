/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runbook/binding.h"

static void bindings(void **state) {
    static const struct {
        IssueKind kind;
        const char *body, *text, *names; /* text NULL: refused */
    } cases[] = {
        {ISSUE_SQL, "select {{a}}::int, {{b}}::text, {{a}}::int", "select $1::int, $2::text, $1::int", "a b"},
        {ISSUE_SQL, "-- of {{a}}\nselect {{b}}::int", "-- of {{a}}\nselect $1::int", "b"},
        {ISSUE_SQL, "/* {{a}} /* x */ {{a}} */ select {{b}}::int", "/* {{a}} /* x */ {{a}} */ select $1::int", "b"},
        {ISSUE_SQL, "select 'it''s --', \"--\", {{b}}::int", "select 'it''s --', \"--\", $1::int", "b"},
        {ISSUE_SQL, "select e'\\'--', {{b}}::int", "select e'\\'--', $1::int", "b"},
        {ISSUE_SQL, "select $$--$$, $x$ $$ $x$, {{b}}::int", "select $$--$$, $x$ $$ $x$, $1::int", "b"},
        {ISSUE_SQL, "select a$b, 1 - -1, {{b}}::int", "select a$b, 1 - -1, $1::int", "b"},
        {ISSUE_SQL, "select '{{a}}'", NULL, ""},
        {ISSUE_SQL, "select \"{{a}}\"", NULL, ""},
        {ISSUE_SQL, "select $${{a}}$$", NULL, ""},
        {ISSUE_SQL, "select 1", "select 1", ""},
        {ISSUE_SQL, "", "", ""},
        {ISSUE_SH, "echo {{a}} {{b}} {{a}}", "echo \"$RB_a\" \"$RB_b\" \"$RB_a\"", "a b"},
        {ISSUE_HTTP, "GET {{a}}/x", "GET {{a}}/x", "a"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Binding binding;
        Err *err = binding_make(arena, cases[i].kind, text_of(cases[i].body), &binding);
        if (cases[i].text == NULL) {
            assert_non_null(err);
        } else {
            assert_null(err);
            assert_string_equal(binding.text, cases[i].text);
            const char *names = "";
            LIST_EACH (const char *, name, binding.names) {
                names = arena_printf(arena, "%s%s%s", names, names[0] == '\0' ? "" : " ", *name);
            }
            assert_string_equal(names, cases[i].names);
        }
        arena_free(arena);
    }
}

static void ends_of_statements(void **state) {
    static const struct {
        const char *sql, *statement;
        bool generates;
    } cases[] = {{"select 1;\n", "select 1", false},
                 {"select 1", "select 1", false},
                 {"select 1; ;", "select 1", false},
                 {"select 'x'\n\\gexec\n", "select 'x'", true},
                 {"select 'x';\\gexec", "select 'x'", true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool generates = false;
        Text statement = binding_statement(text_of(cases[i].sql), &generates);
        assert_true(text_is(statement, cases[i].statement));
        assert_int_equal(generates, cases[i].generates);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bindings), cmocka_unit_test(ends_of_statements)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
