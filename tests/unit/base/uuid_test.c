/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/uuid.h"

static void test_form(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *before = "";
    for (int round = 0; round < 1000; round++) {
        const char *id = uuid_new(arena);
        assert_int_equal(strlen(id), 36);
        assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
        assert_int_equal(id[14], '7');
        assert_non_null(strchr("89ab", id[19]));
        assert_true(strncmp(before, id, 13) <= 0); /* the clock's part never goes back */
        assert_string_not_equal(before, id);
        before = id;
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
