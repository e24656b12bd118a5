/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "source/directory.h"

static void write_file(Arena *arena, const char *path, const char *bytes, int64_t seconds) {
    assert_null(file_write_atomic(arena, path, text_of(bytes), 0600));
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A backup begins with B; a directory is one when it holds toc.dat. */
static Err *recognise(Arena *arena, const char *path, bool *out) {
    FileInfo info;
    TRY(file_info(arena, path, &info));
    if (info.kind == FILE_DIRECTORY) {
        *out = file_info(arena, file_join(arena, path, "toc.dat"), &info) == NULL;
        return NULL;
    }
    Buf *bytes;
    TRY(file_read_all(arena, path, 100, &bytes));
    *out = text_starts(buf_view(bytes), "B");
    return NULL;
}

static Err *refuse(Arena *arena, const char *path, bool *out) {
    *out = false;
    return err_new(arena, ERR_INTERRUPTED, "stopped at %s", path);
}

static void test_entries(void **state) {
    (void)state;
    Arena *arena = arena_new();
    char folder[] = "/tmp/lifeboat-directory-XXXXXX";
    assert_non_null(mkdtemp(folder));
    write_file(arena, file_join(arena, folder, "old.dump"), "B1", 100);
    write_file(arena, file_join(arena, folder, "new.dump"), "B123", 300);
    write_file(arena, file_join(arena, folder, "same-a.dump"), "B", 200);
    write_file(arena, file_join(arena, folder, "same-b.dump"), "B", 200);
    write_file(arena, file_join(arena, folder, "notes.txt"), "nothing", 400);
    write_file(arena, file_join(arena, folder, "next.dump.tmp"), "B", 500);
    write_file(arena, file_join(arena, folder, ".hidden.dump"), "B", 50);
    assert_int_equal(mkfifo(file_join(arena, folder, "pipe"), 0600), 0);
    const char *dump = file_join(arena, folder, "dir");
    assert_int_equal(mkdir(dump, 0700), 0);
    write_file(arena, file_join(arena, dump, "toc.dat"), "12345", 250);
    write_file(arena, file_join(arena, dump, "1.dat"), "12", 260);
    const char *other = file_join(arena, folder, "other");
    assert_int_equal(mkdir(other, 0700), 0);
    write_file(arena, file_join(arena, other, "deep.dump"), "B", 600);

    DirectoryEntries entries;
    assert_null(directory_entries(arena, folder, recognise, &entries));
    static const struct {
        const char *name;
        uint64_t size;
        bool pending;
    } expected[] = {{"next.dump.tmp", 1, true}, {"new.dump", 4, false},    {"dir", 7, false},
                    {"same-b.dump", 1, false},  {"same-a.dump", 1, false}, {"old.dump", 2, false},
                    {".hidden.dump", 1, true}};
    assert_int_equal(entries.count, sizeof(expected) / sizeof(expected[0]));
    for (size_t at = 0; at < entries.count; at++) {
        assert_string_equal(file_base_name(arena, entries.items[at].path), expected[at].name);
        assert_int_equal(entries.items[at].size_bytes, expected[at].size);
        assert_int_equal(entries.items[at].pending, expected[at].pending);
    }
    assert_int_equal(directory_entries(arena, folder, refuse, &entries)->kind, ERR_INTERRUPTED);
    assert_int_equal(directory_entries(arena, file_join(arena, folder, "gone"), recognise, &entries)->kind,
                     ERR_NOT_FOUND);
    assert_null(file_remove_tree(arena, folder));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_entries)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
