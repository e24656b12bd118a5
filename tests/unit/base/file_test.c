/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

/* A fresh directory for each test, removed with file_remove_tree. */
static int enter(void **state) {
    char path[] = "/tmp/lifeboat-file-XXXXXX";
    *state = strdup(mkdtemp(path));
    return chdir(*state);
}

static int leave(void **state) {
    Arena *arena = arena_new();
    const Err *err = file_remove_tree(arena, *state);
    int failed = err != NULL || access(*state, F_OK) == 0 || chdir("/") != 0;
    arena_free(arena);
    free(*state);
    return failed;
}

static void put(Arena *arena, const char *path, const char *bytes) {
    assert_null(file_write_atomic(arena, path, text_of(bytes), 0600));
}

static void only_regular_files_are_opened(void **state) {
    Arena *arena = arena_new();
    int descriptor = -1;
    put(arena, "regular", "x");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(mkdir("directory", 0700), 0);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(symlink("fifo", "link"), 0);
    static const struct {
        const char *path, *words;
    } refused[] = {{"fifo", "FIFO"},
                   {"link", "FIFO"},
                   {"directory", "a directory"},
                   {"socket", "a socket"},
                   {"/dev/zero", "a device"}};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const Err *err = file_open(arena, refused[i].path, &descriptor, NULL);
        assert_non_null(err);
        assert_int_equal(err->kind, ERR_UNSUPPORTED);
        assert_non_null(strstr(err->message, refused[i].words));
    }
    FileInfo info = {0};
    assert_null(file_open(arena, "regular", &descriptor, &info));
    assert_int_equal(info.size, 1);
    assert_int_equal(info.kind, FILE_REGULAR);
    assert_int_equal(info.mode, 0600);
    close(listening);
    arena_free(arena);
    assert_int_equal(lseek(descriptor, 0, SEEK_CUR), -1); /* closed with the arena */
}

static void reading_stops_at_the_end_and_never_before(void **state) {
    Arena *arena = arena_new();
    char bytes[16];
    size_t got = 99;
    int descriptor = -1;
    put(arena, "ten", "0123456789");
    assert_null(file_open(arena, "ten", &descriptor, NULL));
    assert_null(file_read_at(arena, descriptor, 7, bytes, sizeof(bytes), &got));
    assert_int_equal(got, 3);
    assert_memory_equal(bytes, "789", 3);
    assert_null(file_read_at(arena, descriptor, 500, bytes, sizeof(bytes), &got));
    assert_int_equal(got, 0);
    const Err *err = file_read_at(arena, descriptor, UINT64_MAX - 3, bytes, sizeof(bytes), &got);
    assert_non_null(err);
    assert_int_equal(err->kind, ERR_DATA);
    arena_free(arena);
}

static void whole_files_are_bounded(void **state) {
    Arena *arena = arena_new();
    Buf *all = NULL;
    put(arena, "ten", "0123456789");
    assert_null(file_read_all(arena, "ten", 10, &all));
    assert_string_equal(all->at, "0123456789");
    const Err *err = file_read_all(arena, "ten", 9, &all);
    assert_non_null(err);
    assert_int_equal(err->kind, ERR_LIMIT);
    assert_null(file_read_all(arena, "/proc/self/stat", 65536, &all)); /* claims to be empty */
    assert_true(all->length > 0);
    arena_free(arena);
}

static void writing_is_all_or_nothing(void **state) {
    Arena *arena = arena_new();
    Buf *all = NULL;
    FileInfo info = {0};
    put(arena, "file", "old");
    assert_null(file_write_atomic(arena, "file", TEXT("new"), 0640));
    assert_null(file_read_all(arena, "file", 100, &all));
    assert_string_equal(all->at, "new");
    assert_null(file_info(arena, "file", &info));
    assert_int_equal(info.mode, 0640);
    assert_int_equal(mkdir("taken", 0700), 0);
    assert_non_null(file_write_atomic(arena, "taken", TEXT("x"), 0600));
    assert_non_null(file_write_atomic(arena, "absent/file", TEXT("x"), 0600));
    assert_int_equal(mkfifo("pipe", 0600), 0); /* as a device: what is not a file stays what it is */
    assert_int_equal(file_write_atomic(arena, "pipe", TEXT("x"), 0600)->kind, ERR_UNSUPPORTED);
    unlink("pipe");
    char **names = NULL;
    size_t count = 0;
    assert_null(file_list(arena, ".", &names, &count));
    assert_int_equal(count, 2); /* no temporary file left behind */
    assert_string_equal(names[0], "file");
    assert_string_equal(names[1], "taken");
    arena_free(arena);
}

static void trees_are_removed_without_following_links(void **state) {
    Arena *arena = arena_new();
    const char *keep = file_join(arena, *state, "keep"), *tree = file_join(arena, *state, "tree");
    assert_null(file_make_directories(arena, "keep", 0700));
    put(arena, "keep/file", "x");
    assert_null(file_make_directories(arena, "tree/a/b/c", 0700));
    assert_null(file_make_directories(arena, "tree/a/b/c", 0700));
    put(arena, "tree/a/b/file", "x");
    assert_int_equal(symlink(keep, "tree/a/link"), 0);
    assert_int_equal(mkfifo("tree/a/fifo", 0600), 0);
    assert_null(file_remove_tree(arena, tree));
    assert_int_equal(access("tree", F_OK), -1);
    assert_int_equal(access("keep/file", F_OK), 0);
    assert_int_equal(symlink(keep, "link"), 0);
    assert_non_null(file_remove_tree(arena, file_join(arena, *state, "link")));
    assert_int_equal(access("keep/file", F_OK), 0);
    static const char *const refused[] = {"/", "//", "/.", "/..", "keep", "", "/tmp/../tmp", "/tmp/.."};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const Err *err = file_remove_tree(arena, refused[i]);
        assert_non_null(err);
        assert_non_null(strstr(err->message, "refusing"));
    }
    arena_free(arena);
}

static void directories_are_not_made_over_files(void **state) {
    Arena *arena = arena_new();
    put(arena, "file", "x");
    assert_non_null(file_make_directories(arena, "file", 0700));
    assert_non_null(file_make_directories(arena, "file/below", 0700));
    assert_null(file_make_directories(arena, "made/below/", 0700));
    arena_free(arena);
}

static void names_are_joined_and_split(void **state) {
    static const struct {
        const char *path, *base;
    } cases[] = {{"/a/b.dump", "b.dump"}, {"/a/b/", "b"}, {"b", "b"}, {"/", "/"}, {"//", "/"}, {"", ""}, {"a///", "a"}};
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(file_base_name(arena, cases[i].path), cases[i].base);
    assert_string_equal(file_join(arena, "/a", "b"), "/a/b");
    assert_string_equal(file_join(arena, "/a/", "b"), "/a/b");
    assert_string_equal(file_join(arena, "", "b"), "b");
    assert_string_equal(file_join(arena, "/a", "/b"), "/b");
    arena_free(arena);
}

static void sizes_are_for_people(void **state) {
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},     {1, "1 byte"},      {999, "999 bytes"},     {1000, "1.0 kB"},   {820000, "820 kB"},
        {999499, "999 kB"}, {999999, "1.0 MB"}, {1400000000, "1.4 GB"}, {9960000, "10 MB"}, {UINT64_MAX, "18 EB"},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(file_size_text(arena, cases[i].bytes), cases[i].text);
    uint64_t space = 0;
    assert_null(file_free_space(arena, ".", &space));
    assert_true(space > 0);
    assert_non_null(file_free_space(arena, "absent", &space));
    arena_free(arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(only_regular_files_are_opened),
        TEST(reading_stops_at_the_end_and_never_before),
        TEST(whole_files_are_bounded),
        TEST(writing_is_all_or_nothing),
        TEST(trees_are_removed_without_following_links),
        TEST(directories_are_not_made_over_files),
        TEST(names_are_joined_and_split),
        TEST(sizes_are_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
