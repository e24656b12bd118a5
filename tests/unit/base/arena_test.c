/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static char order[8];
static char letters[] = "ab123";

static void note(void *what) {
    order[strlen(order)] = *(const char *)what;
}

static void memory_is_zeroed_and_aligned(void **state) {
    Arena *arena = arena_new();
    static const size_t sizes[] = {0, 1, 15, 16, 17, 500, 4096, 70000, 1 << 20};
    for (size_t round = 0; round < 50; round++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            unsigned char *bytes = arena_alloc(arena, sizes[i]);
            assert_int_equal((uintptr_t)bytes % 16, 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(bytes[k], 0);
            memset(bytes, 0xff, sizes[i]); /* overlapping allocations would be seen as not zeroed */
        }
    }
    arena_free(arena);
}

static void deferred_calls_run_newest_first(void **state) {
    memset(order, 0, sizeof(order));
    Arena *arena = arena_new();
    arena_defer(arena, note, &letters[0]);
    arena_defer(arena, note, &letters[1]);
    arena_free(arena);
    assert_string_equal(order, "ba");
}

static void children_go_with_the_parent_or_before(void **state) {
    memset(order, 0, sizeof(order));
    Arena *parent = arena_new();
    Arena *first = arena_child(parent), *second = arena_child(parent), *third = arena_child(parent);
    arena_defer(first, note, &letters[2]);
    arena_defer(second, note, &letters[3]);
    arena_defer(third, note, &letters[4]);
    arena_free(second);
    assert_string_equal(order, "2");
    arena_free(parent);
    assert_int_equal(strlen(order), 3);
    arena_free(NULL);
}

static void strings_are_copied_with_their_end(void **state) {
    Arena *arena = arena_new();
    assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
    assert_string_equal(arena_strndup(arena, NULL, 0), "");
    assert_string_equal(arena_printf(arena, "%s-%d", "x", 7), "x-7");
    char *large = arena_printf(arena, "%0*d", 100000, 7);
    assert_int_equal(strlen(large), 100000);
    arena_free(arena);
}

static void use_is_counted(void **state) {
    Arena *arena = arena_new();
    arena_alloc(arena, 100);
    size_t before = arena_used(arena);
    arena_alloc(arena, 1000);
    assert_in_range(arena_used(arena) - before, 1000, 1016);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(deferred_calls_run_newest_first),
        cmocka_unit_test(children_go_with_the_parent_or_before),
        cmocka_unit_test(strings_are_copied_with_their_end),
        cmocka_unit_test(use_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
