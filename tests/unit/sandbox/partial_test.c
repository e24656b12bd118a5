/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/partial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static void remove_folder(void *path) {
    Arena *arena = arena_new();
    assert_null(file_remove_tree(arena, path));
    arena_free(arena);
}

static const char *make_folder(Arena *arena) {
    char *folder = arena_strdup(arena, "/tmp/lifeboat-partial-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    arena_defer(arena, remove_folder, folder);
    return folder;
}

static bool exists(const char *path) {
    struct stat found;
    return lstat(path, &found) == 0;
}

static void put(Arena *arena, const char *folder, const char *name) {
    assert_null(file_write_atomic(arena, file_join(arena, folder, name), text_of(name), 0600));
}

static size_t sweep(Arena *arena, const char *folder) {
    size_t swept = 99;
    assert_null(partial_sweep(arena, folder, &swept));
    return swept;
}

/* As if its owner had been killed: the lock is given up, nothing else. */
static void kill_owner(Partial *partial) {
    close(partial->marker);
    partial->marker = -1;
}

static void test_a_living_one_stays(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *folder = make_folder(arena);
    Partial *partial = NULL;
    assert_null(partial_make(arena, folder, "app.dump", &partial));
    put(arena, partial->directory, "app.dump");
    assert_int_equal(sweep(arena, folder), 0);
    assert_true(exists(partial->directory));
    kill_owner(partial);
    assert_int_equal(sweep(arena, folder), 1);
    assert_false(exists(partial->directory));
    arena_free(arena);
}

/* What is named like one of ours and is not, stays. */
static void test_strangers_stay(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *folder = make_folder(arena);
    Partial *partial = NULL;
    const char *elsewhere = make_folder(arena);
    put(arena, elsewhere, "precious");
    mkdir(file_join(arena, folder, PARTIAL_PREFIX "empty"), 0700);
    mkdir(file_join(arena, folder, PARTIAL_PREFIX "other"), 0700);
    put(arena, file_join(arena, folder, PARTIAL_PREFIX "other"), "lifeboat.marker"); /* not our words */
    put(arena, folder, PARTIAL_PREFIX "file");
    assert_null(partial_make(arena, elsewhere, "app.dump", &partial));
    kill_owner(partial);
    assert_int_equal(symlink(partial->directory, file_join(arena, folder, PARTIAL_PREFIX "link")), 0);
    assert_int_equal(sweep(arena, folder), 0);
    assert_true(exists(file_join(arena, folder, PARTIAL_PREFIX "empty")));
    assert_true(exists(file_join(arena, folder, PARTIAL_PREFIX "other")));
    assert_true(exists(file_join(arena, folder, PARTIAL_PREFIX "file")));
    assert_true(exists(file_join(arena, folder, PARTIAL_PREFIX "link")));
    assert_true(exists(partial->directory));
    arena_free(arena);
}

static void test_companions(void **state) {
    (void)state;
    for (int whole = 0; whole < 2; whole++) {
        Arena *arena = arena_new();
        const char *folder = make_folder(arena);
        Partial *partial = NULL;
        assert_null(partial_make(arena, folder, "app.dump", &partial));
        put(arena, folder, "app.dump.attest.json");
        put(arena, folder, "app.dump.globals.sql");
        put(arena, folder, "other.dump.attest.json");
        if (whole)
            put(arena, folder, "app.dump");
        kill_owner(partial);
        assert_int_equal(sweep(arena, folder), 1);
        assert_int_equal(exists(file_join(arena, folder, "app.dump.attest.json")), whole);
        assert_int_equal(exists(file_join(arena, folder, "app.dump.globals.sql")), whole);
        assert_true(exists(file_join(arena, folder, "other.dump.attest.json")));
        arena_free(arena);
    }
}

/* A marker may name nothing outside of its folder. */
static void test_names(void **state) {
    (void)state;
    static const char *const names[] = {"../app.dump", "", ".hidden", "/etc/passwd"};
    for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++) {
        Arena *arena = arena_new();
        const char *folder = make_folder(arena);
        Partial *partial = NULL;
        assert_null(partial_make(arena, folder, names[at], &partial));
        kill_owner(partial);
        assert_int_equal(sweep(arena, folder), 0);
        assert_true(exists(partial->directory));
        arena_free(arena);
    }
}

static void test_move_never_over_something(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *folder = make_folder(arena);
    put(arena, folder, "a");
    put(arena, folder, "b");
    Err *err = partial_move(arena, file_join(arena, folder, "a"), file_join(arena, folder, "b"));
    assert_non_null(err);
    assert_true(exists(file_join(arena, folder, "a")));
    assert_null(partial_move(arena, file_join(arena, folder, "a"), file_join(arena, folder, "c")));
    assert_false(exists(file_join(arena, folder, "a")));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_living_one_stays), cmocka_unit_test(test_strangers_stay),
                                       cmocka_unit_test(test_companions), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_move_never_over_something)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
