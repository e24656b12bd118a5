/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

static void documents_keep_order_and_lifetimes(void **state) {
    Arena *arena = arena_new();
    json_t *document = json_start(arena, json_object());
    json_put_string(document, "z", "last letter first");
    json_put_string(document, "nothing", NULL);
    json_put_u64(document, "small", 7);
    json_put_u64(document, "large", UINT64_MAX);
    json_put_bool(document, "yes", true);
    json_put_real(document, "tenth", 0.1);
    json_put_real(document, "nan", (double)NAN);
    json_put_time(document, "when", 0);
    json_put_time(document, "never", TIME_NONE);
    json_t *list = json_put(document, "list", json_array());
    json_add(list, json_text_value(TEXT("a")));
    assert_string_equal(json_render(arena, document, true),
                        "{\"z\":\"last letter first\",\"nothing\":null,\"small\":7,\"large\":\"18446744073709551615\","
                        "\"yes\":true,\"tenth\":0.1,\"nan\":null,\"when\":\"1970-01-01T00:00:00Z\",\"never\":null,"
                        "\"list\":[\"a\"]}");
    arena_free(arena);
}

static void any_bytes_become_valid_json(void **state) {
    const struct {
        Text raw;
        const char *rendered;
    } cases[] = {
        {TEXT("größe"), "\"größe\""},
        {TEXT("a\xff z"), "\"a\xef\xbf\xbd z\""},
        {TEXT("a\0b"), "\"a\\u0000b\""},
        {TEXT("\033["), "\"\\u001B[\""},
        {TEXT("c1 \xc2\x9b"), "\"c1 \\u009b\""},
        {TEXT("\x7f\x7f"), "\"\\u007f\\u007f\""},
        {{NULL, 0}, "\"\""},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(json_render(arena, json_start(arena, json_text_value(cases[i].raw)), true),
                            cases[i].rendered);
    arena_free(arena);
}

static char *nested(Arena *arena, int depth, char open) {
    char *text = arena_alloc(arena, (size_t)depth * 2 + 1);
    memset(text, open, (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    return text;
}

static void hostile_documents_are_refused(void **state) {
    Arena *arena = arena_new();
    const struct {
        Text text;
        ErrKind kind;
    } cases[] = {
        {TEXT(""), ERR_DATA},
        {TEXT("{"), ERR_DATA},
        {TEXT("{\"a\":1,\"a\":2}"), ERR_DATA},
        {TEXT("[1,]"), ERR_DATA},
        {TEXT("{} {}"), ERR_DATA},
        {TEXT("[\"\xff\"]"), ERR_DATA},
        {TEXT("[\"\\u0000\"]"), ERR_DATA},
        {TEXT("[99999999999999999999999]"), ERR_DATA},
        {TEXT("[1e999]"), ERR_DATA},
        {TEXT("nul"), ERR_DATA},
        {TEXT("\0"), ERR_DATA},
        {text_of(nested(arena, 129, '[')), ERR_LIMIT},
        {text_of(nested(arena, 1000000, '[')), ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *out = NULL;
        const Err *err = json_parse_text(arena, cases[i].text, &out);
        assert_non_null(err);
        assert_int_equal(err->kind, cases[i].kind);
        assert_null(out);
    }
    json_t *out = NULL;
    assert_null(json_parse_text(arena, text_of(nested(arena, 128, '[')), &out));
    /* brackets inside strings are not nesting */
    char *text = arena_printf(arena, "[\"\\\"%s\"]", nested(arena, 1000, '['));
    assert_null(json_parse_text(arena, text_of(text), &out));
    arena_free(arena);
}

static void errors_name_the_place(void **state) {
    Arena *arena = arena_new();
    json_t *out = NULL;
    const Err *err = json_parse_text(arena, TEXT("{\n\"a\": tru\n}"), &out);
    assert_non_null(err);
    assert_non_null(strstr(err->message, "line 2"));
    assert_non_null(json_parse_file(arena, "/nonexistent.json", 100, &out));
    arena_free(arena);
}

static void members_of_the_wrong_type_give_the_fallback(void **state) {
    Arena *arena = arena_new();
    json_t *out = NULL;
    Text text = TEXT("{\"text\":\"7\",\"number\":5,\"negative\":-1,\"real\":1.5,\"bool\":true,\"null\":null}");
    assert_null(json_parse_text(arena, text, &out));
    assert_string_equal(json_get_string(out, "number", "no"), "no");
    assert_string_equal(json_get_string(out, "absent", "no"), "no");
    assert_string_equal(json_get_string(out, "text", "no"), "7");
    assert_int_equal(json_get_u64(out, "number", 9), 5);
    assert_int_equal(json_get_u64(out, "text", 9), 7);
    assert_int_equal(json_get_u64(out, "negative", 9), 9);
    assert_int_equal(json_get_u64(out, "real", 9), 9);
    assert_int_equal(json_get_u64(out, "null", 9), 9);
    assert_true(json_get_bool(out, "bool", false));
    assert_true(json_get_bool(out, "number", true));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_keep_order_and_lifetimes),
        cmocka_unit_test(any_bytes_become_valid_json),
        cmocka_unit_test(hostile_documents_are_refused),
        cmocka_unit_test(errors_name_the_place),
        cmocka_unit_test(members_of_the_wrong_type_give_the_fallback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
