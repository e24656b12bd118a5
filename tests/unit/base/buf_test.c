/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void grows_up_to_its_maximum(void **state) {
    Arena *arena = arena_new();
    Buf *buf = buf_new(arena, 1000);
    for (int i = 0; i < 1000; i++)
        assert_true(buf_byte(buf, 'x'));
    assert_false(buf->full);
    assert_int_equal(buf->at[1000], '\0');
    assert_false(buf_byte(buf, 'y'));
    assert_true(buf->full);
    assert_int_equal(buf->length, 1000);
    arena_free(arena);
}

static void once_full_nothing_is_appended(void **state) {
    Arena *arena = arena_new();
    Buf *buf = buf_new(arena, 4);
    assert_true(buf_string(buf, "abc"));
    assert_false(buf_string(buf, "de"));
    /* "f" would fit, but a text with a hole in it is worse than a short one */
    assert_false(buf_string(buf, "f"));
    assert_string_equal(buf->at, "abc");
    buf_clear(buf);
    assert_true(buf_string(buf, "abcd"));
    assert_false(buf_printf(buf, "%d", 1));
    assert_string_equal(buf->at, "abcd");
    arena_free(arena);
}

static void hostile_lengths_are_refused(void **state) {
    Arena *arena = arena_new();
    Buf *buf = buf_new(arena, SIZE_MAX);
    buf_string(buf, "abc");
    assert_false(buf_reserve(buf, SIZE_MAX - 2));
    assert_true(buf->full);
    arena_free(arena);
}

static void reserved_room_can_be_written_by_the_caller(void **state) {
    Arena *arena = arena_new();
    Buf *buf = buf_new(arena, 10000);
    assert_true(buf_reserve(buf, 5000));
    memset(buf->at + buf->length, 'z', 5000);
    buf->length += 5000;
    assert_int_equal(buf->at[5000], '\0');
    assert_true(buf_printf(buf, "%s", "end"));
    assert_true(text_ends(buf_view(buf), "zend"));
    arena_free(arena);
}

static void an_empty_one_is_an_empty_string(void **state) {
    Arena *arena = arena_new();
    Buf *buf = buf_new(arena, 0);
    assert_string_equal(buf->at, "");
    assert_true(buf_append(buf, NULL, 0));
    assert_false(buf_byte(buf, 'a'));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_up_to_its_maximum),         cmocka_unit_test(once_full_nothing_is_appended),
        cmocka_unit_test(hostile_lengths_are_refused),     cmocka_unit_test(reserved_room_can_be_written_by_the_caller),
        cmocka_unit_test(an_empty_one_is_an_empty_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
