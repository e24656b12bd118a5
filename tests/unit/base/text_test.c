/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void outside_bytes_cannot_drive_a_terminal(void **state) {
    static const struct {
        const char *raw, *shown;
    } cases[] = {
        {"contacts", "contacts"},
        {"größe 表", "größe 表"},
        {"a\033[31mred", "a\\x1b[31mred"},
        {"line\nbreak\ttab", "line\\x0abreak\\x09tab"},
        {"del\177", "del\\x7f"},
        {"c1 \xc2\x9b"
         "31m",
         "c1 \\xc2\\x9b31m"},
        {"latin1 \xe9t\xe9", "latin1 \\xe9t\\xe9"},
        {"overlong \xc0\x80", "overlong \\xc0\\x80"},
        {"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
        {"beyond \xf4\x90\x80\x80", "beyond \\xf4\\x90\\x80\\x80"},
        {"cut \xe8\xa1", "cut \\xe8\\xa1"},
        {"bidi \xe2\x80\xae"
         "evil",
         "bidi \\xe2\\x80\\xaeevil"},
        {"zero \xe2\x80\x8b"
         "width",
         "zero \\xe2\\x80\\x8bwidth"},
        {"", ""},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(text_safe(arena, cases[i].raw), cases[i].shown);
    assert_string_equal(text_safe(arena, NULL), "");
    arena_free(arena);
}

static void quotes_are_unambiguous_and_cut_between_characters(void **state) {
    const struct {
        Text raw;
        size_t limit;
        const char *shown;
    } cases[] = {
        {TEXT("abc"), 10, "\"abc\""},
        {TEXT("abc"), 3, "\"abc\""},
        {TEXT("abcd"), 3, "\"abc\"…"},
        {TEXT("a\"b\\c"), 10, "\"a\\\"b\\\\c\""},
        {TEXT("a\0b"), 10, "\"a\\x00b\""},
        {TEXT("表表"), 4, "\"表\"…"},
        {TEXT("表"), 2, "\"\"…"},
        {{NULL, 0}, 5, "\"\""},
        {TEXT("unlimited text"), 0, "\"unlimited text\""},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(text_quote(arena, cases[i].raw, cases[i].limit), cases[i].shown);
    arena_free(arena);
}

static void numbers_are_whole_and_bounded(void **state) {
    static const struct {
        const char *text;
        bool valid;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},     {"18446744073709551615", true, UINT64_MAX},
        {"007", true, 7},   {"18446744073709551616", false, 0},
        {"", false, 0},     {"99999999999999999999999", false, 0},
        {"-1", false, 0},   {"+1", false, 0},
        {" 1", false, 0},   {"1 ", false, 0},
        {"0x10", false, 0}, {"1.0", false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = 42;
        assert_int_equal(text_to_u64(text_of(cases[i].text), &value), cases[i].valid);
        assert_int_equal(value, cases[i].valid ? cases[i].value : 42);
    }
}

static void pieces(void **state) {
    Text rest;
    assert_true(text_is(text_cut(TEXT("a:b:c"), ':', &rest), "a"));
    assert_true(text_is(rest, "b:c"));
    assert_true(text_is(text_cut(TEXT("abc"), ':', &rest), "abc"));
    assert_int_equal(rest.length, 0);
    assert_true(text_is(text_slice(TEXT("abcdef"), 2, 100), "cdef"));
    assert_int_equal(text_slice(TEXT("abc"), 5, 2).length, 0);
    assert_int_equal(text_slice((Text){0}, 1, 2).length, 0);
    assert_true(text_is(text_trim(TEXT(" \t\r\n a b \v\f")), "a b"));
    assert_int_equal(text_trim(TEXT("  ")).length, 0);
    assert_int_equal(text_find(TEXT("abc"), 'c'), 2);
    assert_int_equal(text_find(TEXT("abc"), 'x'), -1);
    assert_true(text_starts(TEXT("abc"), "ab") && !text_starts(TEXT("a"), "ab") && text_starts((Text){0}, ""));
    assert_true(text_ends(TEXT("abc"), "bc") && !text_ends(TEXT("c"), "bc"));
    assert_true(text_equal((Text){0}, TEXT("")) && !text_equal(TEXT("a"), TEXT("b")));
}

static void order_is_bytewise(void **state) {
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
    assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
    assert_true(text_compare(TEXT("\xff"), TEXT("a")) > 0);
    assert_int_equal(text_compare((Text){0}, (Text){0}), 0);
}

static void slips_of_the_finger_get_a_suggestion(void **state) {
    static const char *const names[] = {"verify", "inspect", "status", "log", "list", "max-age"};
    static const struct {
        const char *word, *suggestion;
    } cases[] = {
        {"verfiy", "verify"},  {"verif", "verify"}, {"statsu", "status"}, {"lst", "list"},       {"max-aeg", "max-age"},
        {"maxage", "max-age"}, {"xyz", NULL},       {"", NULL},           {"restore-all", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *found = text_suggest(cases[i].word, names, 6);
        if (cases[i].suggestion == NULL)
            assert_null(found);
        else
            assert_string_equal(found, cases[i].suggestion);
    }
    char endless[5000];
    memset(endless, 'v', sizeof(endless));
    endless[sizeof(endless) - 1] = '\0';
    assert_null(text_suggest(endless, names, 6));
}

static void width_counts_columns(void **state) {
    static const struct {
        const char *text;
        int columns;
    } cases[] = {{"", 0}, {"abc", 3}, {"größe", 5}, {"表", 2}, {"e\xcc\x81", 1}, {"✓", 1}, {"\xff", 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(text_width(cases[i].text), cases[i].columns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outside_bytes_cannot_drive_a_terminal),
        cmocka_unit_test(quotes_are_unambiguous_and_cut_between_characters),
        cmocka_unit_test(numbers_are_whole_and_bounded),
        cmocka_unit_test(pieces),
        cmocka_unit_test(order_is_bytewise),
        cmocka_unit_test(slips_of_the_finger_get_a_suggestion),
        cmocka_unit_test(width_counts_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
