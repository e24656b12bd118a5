/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pg/identifier.h"

/* Expected values are what quote_ident() of PostgreSQL 15 answers. */
static void quotes_as_the_server_does(void **state) {
    static const struct {
        const char *name, *quoted;
    } rows[] = {
        {"contacts", "contacts"},     {"_x9", "_x9"},           {"9x", "\"9x\""},
        {"Contacts", "\"Contacts\""}, {"a b", "\"a b\""},       {"we\"ird", "\"we\"\"ird\""},
        {"user", "\"user\""},         {"name", "name"},         {"select", "\"select\""},
        {"xmltable", "\"xmltable\""}, {"all", "\"all\""},       {"näme", "\"näme\""},
        {"a$b", "\"a$b\""},           {"\"\"", "\"\"\"\"\"\""}, {"", "\"\""},
    };
    Arena *arena = arena_new();
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++)
        assert_string_equal(identifier_quote(arena, rows[at].name), rows[at].quoted);
    assert_string_equal(identifier_always_quote(arena, "contacts"), "\"contacts\"");
    arena_free(arena);
}

static void reads_back(void **state) {
    static const struct {
        const char *text, *name, *rest;
        bool quoted, ok;
    } rows[] = {
        {"public.contacts", "public", ".contacts", false, true},
        {"Contacts", "contacts", "", false, true},
        {"\"Con\"\"tacts\".x", "Con\"tacts", ".x", true, true},
        {"\"open", "", "", true, false},
        {"\"\"", "", "", true, false},
        {"", "", "", false, false},
        {"9x", "", "", false, false},
        {"ÄB c", "Äb", " c", false, true},
        {"a$1-", "a$1", "-", false, true},
    };
    Arena *arena = arena_new();
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Text rest = text_of(rows[at].text);
        const char *name;
        bool quoted;
        assert_int_equal(identifier_read(arena, &rest, &name, &quoted), rows[at].ok);
        assert_int_equal(quoted, rows[at].quoted);
        if (!rows[at].ok)
            continue;
        assert_string_equal(name, rows[at].name);
        assert_true(text_is(rest, rows[at].rest));
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(quotes_as_the_server_does), cmocka_unit_test(reads_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
