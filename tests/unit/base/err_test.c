/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void chains_read_from_general_to_root(void **state) {
    Arena *arena = arena_new();
    const Err *root = err_hint(arena, err_errno(arena, ENOENT, "cannot open %s", "x"), "make it");
    const Err *top = err_wrap(arena, err_wrap(arena, root, "cannot read the header"), "cannot open the backup");
    assert_string_equal(err_text(arena, top),
                        "cannot open the backup: cannot read the header: cannot open x: No such file or directory");
    assert_string_equal(err_first_hint(top), "make it");
    assert_int_equal(top->kind, ERR_NOT_FOUND);
    assert_true(err_is(top, ERR_NOT_FOUND));
    assert_false(err_is(top, ERR_DATA));
    arena_free(arena);
}

static void errno_decides_the_kind(void **state) {
    static const struct {
        int number;
        ErrKind kind;
    } cases[] = {{EACCES, ERR_PERMISSION}, {EPERM, ERR_PERMISSION}, {ENOENT, ERR_NOT_FOUND}, {ENOSPC, ERR_IO}};
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(err_errno(arena, cases[i].number, "x")->kind, cases[i].kind);
    assert_non_null(strstr(err_errno(arena, 99999, "x")->message, "99999"));
    arena_free(arena);
}

static void a_copy_outlives_its_arena(void **state) {
    Arena *arena = arena_new(), *worker = arena_new();
    const Err *root = err_hint(worker, err_new(worker, ERR_DATA, "block %d is torn", 7), "take another backup");
    Err *copy = err_copy(arena, err_wrap(worker, root, "cannot read"));
    arena_free(worker);
    assert_string_equal(err_text(arena, copy), "cannot read: block 7 is torn");
    assert_string_equal(err_first_hint(copy), "take another backup");
    assert_int_equal(copy->kind, ERR_DATA);
    assert_null(err_copy(arena, NULL));
    arena_free(arena);
}

static Err *tried(Arena *arena, bool fails, int *reached) {
    TRY(fails ? err_new(arena, ERR_IO, "no") : NULL);
    (*reached)++;
    return NULL;
}

static void try_returns_only_errors(void **state) {
    Arena *arena = arena_new();
    int reached = 0;
    assert_null(tried(arena, false, &reached));
    assert_non_null(tried(arena, true, &reached));
    assert_int_equal(reached, 1);
    arena_free(arena);
}

static void every_kind_has_a_name(void **state) {
    for (int kind = ERR_IO; kind <= ERR_INTERRUPTED; kind++)
        assert_non_null(err_kind_name((ErrKind)kind));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_read_from_general_to_root),
        cmocka_unit_test(errno_decides_the_kind),
        cmocka_unit_test(a_copy_outlives_its_arena),
        cmocka_unit_test(try_returns_only_errors),
        cmocka_unit_test(every_kind_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
