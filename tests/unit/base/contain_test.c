/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/contain.h"
#include "base/interrupt.h"

static Err *good(Arena *arena, void *context, int *status) {
    (void)arena;
    *status = *(int *)context;
    *(int *)context = 99; /* lost: the child has its own memory */
    return NULL;
}
static Err *fails(Arena *arena, void *context, int *status) {
    (void)context;
    (void)status;
    Err *root = err_hint(arena, err_new(arena, ERR_IO, "disk gone"), "look for it");
    return err_wrap(arena, root, "cannot read");
}
static Err *crashes(Arena *arena, void *context, int *status) {
    (void)arena;
    *status = 0;
    signal(SIGSEGV, SIG_DFL); /* a sanitizer has its own idea of it */
    raise(*(int *)context);
    return NULL;
}
static Err *leaves(Arena *arena, void *context, int *status) {
    (void)arena;
    (void)context;
    *status = 0;
    _exit(0);
}
static Err *waits_for_interrupt(Arena *arena, void *context, int *status) {
    (void)context;
    *status = 0;
    kill(getppid(), SIGTERM); /* as a service manager would: the parent alone */
    for (int at = 0; at < 500; at++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        Err *err = interrupt_check(arena);
        if (err != NULL)
            return err;
    }
    return NULL;
}

static void test_finishes(void **state) {
    (void)state;
    Arena *arena = arena_new();
    ContainResult result;
    int number = 7;
    assert_null(contain_run(arena, good, &number, &result));
    assert_true(result.finished);
    assert_int_equal(result.status, 7);
    assert_int_equal(number, 7);
    assert_null(result.died);
    arena_free(arena);
}

static void test_error_comes_back_whole(void **state) {
    (void)state;
    Arena *arena = arena_new();
    ContainResult result;
    const Err *err = contain_run(arena, fails, NULL, &result);
    assert_non_null(err);
    assert_string_equal(err_text(arena, err), "cannot read: disk gone");
    assert_int_equal(err->kind, ERR_IO);
    assert_string_equal(err_first_hint(err), "look for it");
    arena_free(arena);
}

static void test_death_is_a_result(void **state) {
    (void)state;
    static const struct {
        int signal;
        const char *words;
    } rows[] = {{SIGSEGV, "ended by signal 11 (Segmentation fault)"},
                {SIGKILL, "ended by signal 9 (Killed)"},
                {SIGABRT, "ended by signal 6 (Aborted)"}};
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Arena *arena = arena_new();
        ContainResult result;
        int number = rows[at].signal;
        assert_null(contain_run(arena, crashes, &number, &result));
        assert_false(result.finished);
        assert_string_equal(result.died, rows[at].words);
        arena_free(arena);
    }
}

/* Status 0 alone is no proof that the work was done. */
static void test_leaving_early_is_no_success(void **state) {
    (void)state;
    Arena *arena = arena_new();
    ContainResult result;
    assert_null(contain_run(arena, leaves, NULL, &result));
    assert_false(result.finished);
    assert_string_equal(result.died, "ended early with status 0");
    arena_free(arena);
}

static void test_interrupt_is_passed_on(void **state) {
    (void)state;
    interrupt_install();
    interrupt_quiet();
    Arena *arena = arena_new();
    ContainResult result;
    const Err *err = contain_run(arena, waits_for_interrupt, NULL, &result);
    assert_non_null(err);
    assert_int_equal(err->kind, ERR_INTERRUPTED);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finishes),
        cmocka_unit_test(test_error_comes_back_whole),
        cmocka_unit_test(test_death_is_a_result),
        cmocka_unit_test(test_leaving_early_is_no_success),
        cmocka_unit_test(test_interrupt_is_passed_on), /* last: the flag stays set */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
