/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"

static void grows_and_keeps_order(void **state) {
    Arena *arena = arena_new();
    LIST(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        *LIST_PUSH(arena, numbers) = i;
    assert_int_equal(numbers.count, 1000);
    int expected = 0;
    LIST_EACH (int, number, numbers) {
        assert_int_equal(*number, expected++);
    }
    assert_int_equal(expected, 1000);
    arena_free(arena);
}

static void an_empty_list_has_no_items(void **state) {
    LIST(int) numbers = {0};
    LIST_EACH (int, number, numbers) {
        fail_msg("there is no item, yet one was visited");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps_order),
        cmocka_unit_test(an_empty_list_has_no_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
