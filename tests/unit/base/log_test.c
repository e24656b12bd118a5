/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/log.h"

/* Writes one line through the logger and gives it back. */
static char *logged(Arena *arena, LogFormat format, const char *message, const char *value) {
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = tmpfile();
    log_start(stream, LOG_INFO, format);
    log_debug("not shown", "x", "y", NULL);
    log_info(message, "value", value, NULL);
    length = (size_t)ftell(stream);
    bytes = arena_alloc(arena, length + 1);
    rewind(stream);
    assert_int_equal(fread(bytes, 1, length, stream), length);
    log_start(stderr, LOG_WARNING, LOG_FORMAT_AUTO);
    fclose(stream);
    return bytes;
}

static void values_cannot_forge_lines(void **state) {
    static const struct {
        const char *value, *shown;
    } cases[] = {
        {"plain", "value=plain\n"},
        {"two words", "value=\"two words\"\n"},
        {"", "value=\"\"\n"},
        {"x\ntime=2026 level=error msg=forged", "value=\"x\\x0atime=2026 level=error msg=forged\"\n"},
        {"a=b", "value=\"a=b\"\n"},
        {"\"", "value=\"\\\"\"\n"},
        {"\033[31m", "value=\"\\x1b[31m\"\n"},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *line = logged(arena, LOG_FORMAT_LOGFMT, "hello there", cases[i].value);
        assert_non_null(strstr(line, " level=info msg=\"hello there\" value="));
        assert_string_equal(strstr(line, "value="), cases[i].shown);
        assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    }
    arena_free(arena);
}

static void json_lines_are_json(void **state) {
    static const char *const values[] = {"plain", "two\nlines", "\"quoted\"", "bad \xff utf-8", "\033[0m", "\xc2\x9b"};
    Arena *arena = arena_new();
    log_run_id("run-7");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const char *line = logged(arena, LOG_FORMAT_JSON, "hello", values[i]);
        json_t *object = NULL;
        assert_null(json_parse_text(arena, text_of(line), &object));
        assert_string_equal(json_get_string(object, "message", ""), "hello");
        assert_string_equal(json_get_string(object, "level", ""), "info");
        assert_string_equal(json_get_string(object, "run_id", ""), "run-7");
        assert_int_equal(strlen(json_get_string(object, "time", "")), strlen("2026-11-23T05:00:00.000Z"));
        if (i != 3)
            assert_string_equal(json_get_string(object, "value", ""), values[i]);
        for (const char *at = line; *at != '\n'; at++)
            assert_true((unsigned char)*at >= 0x20);
    }
    log_run_id("");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_cannot_forge_lines),
        cmocka_unit_test(json_lines_are_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
