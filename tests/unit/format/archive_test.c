/* SPDX-License-Identifier: PostgreSQL */
#include "reading.h"

#include "base/json.h"

static const char *const versions[] = {"pg13", "pg15", "pg17", "pg18"};
static const char *const archives[] = {"custom.dump",      "custom-plain.dump", "custom-pipe.dump",
                                       "custom-zstd.dump", "custom-lz4.dump",   "directory",
                                       "directory-zstd",   "directory-lz4",     "archive.tar"};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))
#define ARCHIVES (sizeof(archives) / sizeof(archives[0]))

/* Another folder with the same files, all of them: LIFEBOAT_FIXTURES=... for a run over a fuller set. */
static const char *find_fixture(Arena *arena, const char *version, const char *name) {
    const char *elsewhere = getenv("LIFEBOAT_FIXTURES");
    const char *path = elsewhere != NULL ? arena_printf(arena, "%s/%s/%s", elsewhere, version, name)
                                         : fixture(arena, arena_printf(arena, "%s/%s", version, name));
    return access(path, R_OK) == 0 ? path : NULL;
}

/* Calls the test for every archive there is; there must be a good number of them. */
static void for_every_archive(void (*test)(Arena *arena, const char *version, const char *path)) {
    size_t found = 0;
    for (size_t v = 0; v < VERSIONS; v++) {
        for (size_t a = 0; a < ARCHIVES; a++) {
            Arena *arena = arena_new();
            const char *path = find_fixture(arena, versions[v], archives[a]);
            if (path != NULL) {
                test(arena, versions[v], path);
                found++;
            }
            arena_free(arena);
        }
    }
    assert_true(found >= 20);
}

static void counts_as_expected(Arena *arena, const char *version, const char *path) {
    json_t *expected;
    assert_null(json_parse_file(arena, find_fixture(arena, version, "expected.json"), 100000, &expected));
    for (int jobs = 1; jobs <= 4; jobs += 3) {
        Reading reading = read_backup(arena, path, jobs);
        assert_whole(&reading);
        size_t counted = 0;
        LIST_EACH (const InventoryTable, table, reading.backup->inventory->tables) {
            if (!table->has_data)
                continue;
            const char *name = inventory_table_text(arena, table);
            const json_t *rows = json_object_get(expected, name);
            if (rows == NULL || table->rows != (uint64_t)json_integer_value(rows))
                fail_msg("%s: %s has %" PRIu64 " rows", path, name, table->rows);
            assert_true(table->digested);
            counted++;
        }
        assert_int_equal(counted, json_object_size(expected));
        assert_true(reading.backup->inventory->large_objects_known);
        assert_int_equal(reading.backup->inventory->large_objects, 2);
        assert_int_equal(reading.backup->inventory->large_object_bytes, 8000);
    }
}

static void counts_are_exact(void **state) {
    (void)state;
    for_every_archive(counts_as_expected);
}

static const Backup *reference;

static void has_the_same_digests(Arena *arena, const char *version, const char *path) {
    Reading reading = read_backup(arena, path, 2);
    assert_whole(&reading);
    if (!same_data(reference, reading.backup))
        fail_msg("%s differs from the reference", path);
}

/* One database, dumped by four versions into nine containers: one digest for each table. */
static void digests_do_not_depend_on_the_container(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Reading reading = read_backup(arena, fixture(arena, "pg17/custom.dump"), 1);
    assert_whole(&reading);
    reference = reading.backup;
    for_every_archive(has_the_same_digests);
    arena_free(arena);
}

static void says_what_it_is(Arena *arena, const char *version, const char *path) {
    Reading reading = read_backup(arena, path, 1);
    const Backup *backup = reading.backup;
    assert_whole(&reading);
    uint64_t major;
    assert_true(text_to_u64(text_of(version + 2), &major));
    assert_int_equal(backup->server_major, major);
    assert_int_equal(backup->dump_major, major);
    assert_string_equal(backup->archive_version, major >= 17 ? "1.16" : "1.14");
    assert_string_equal(backup->database, "app");
    assert_string_equal(backup->encoding, "UTF8");
    assert_true(backup->taken_at_stated);
    assert_string_equal(text_dup(arena, text_slice(text_of(time_text(arena, backup->taken_at)), 0, 14)),
                        "2026-11-23T07:");
    assert_false(backup->no_data || backup->no_schema || backup->insert_style || backup->excludes_large_objects);
    assert_true(backup->size_bytes > 10000);
    const char *name = backup->id;
    const char *format = strstr(name, "custom") != NULL ? "custom" : strstr(name, "tar") != NULL ? "tar" : "directory";
    assert_string_equal(backup->format, format);
    bool plain = strstr(name, "plain") != NULL || strstr(name, "tar") != NULL;
    const char *compression = plain                          ? "none"
                              : strstr(name, "zstd") != NULL ? "zstd"
                              : strstr(name, "lz4") != NULL  ? "lz4"
                                                             : "gzip";
    assert_string_equal(backup->compression, compression);
    /* pg_dump asks zlib for checksums and zstd and LZ4 for none. */
    assert_int_equal(backup->unchecked, strcmp(compression, "gzip") != 0);
}

static void tells_versions_and_formats(void **state) {
    (void)state;
    for_every_archive(says_what_it_is);
}

static void is_recognised(Arena *arena, const char *version, const char *path) {
    bool recognised;
    assert_null(backup_recognise(arena, path, &recognised));
    assert_true(recognised);
}

static void recognises_by_content(void **state) {
    (void)state;
    for_every_archive(is_recognised);
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    const char *renamed = write_bytes(arena, directory, "x.sql.gz", fixture_bytes(arena, "pg17/custom.dump"));
    Reading reading = read_backup(arena, renamed, 1);
    assert_whole(&reading);
    assert_string_equal(reading.backup->format, "custom");
    bool recognised = true;
    assert_null(backup_recognise(arena, directory, &recognised));
    assert_false(recognised);
    arena_free(arena);
}

static void refuses_what_is_no_backup(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    const char *fifo = file_join(arena, directory, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const struct {
        const char *path;
        ErrKind kind;
    } cases[] = {
        {directory, ERR_DATA},
        {fifo, ERR_UNSUPPORTED},
        {write_bytes(arena, directory, "empty", (Text){0}), ERR_DATA},
        {write_bytes(arena, directory, "noise", TEXT("\x01\x02\x03 noise \xff\xfe\x00\x01")), ERR_DATA},
        {write_bytes(arena, directory, "short", TEXT("PGDM")), ERR_DATA},
        {write_bytes(arena, directory, "magic", TEXT("PGDMP")), ERR_DATA},
        {write_bytes(arena, directory, "gzip", TEXT("\x1f\x8b\x08\x00")), ERR_DATA},
        {file_join(arena, directory, "absent"), ERR_NOT_FOUND},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        Backup *backup;
        Err *err = backup_open(arena, cases[c].path, &backup);
        if (err == NULL || !err_is(err, cases[c].kind))
            fail_msg("%s: %s", cases[c].path, err == NULL ? "opened" : err_text(arena, err));
    }
    arena_free(arena);
}

typedef struct Progress {
    uint64_t calls, last, total;
} Progress;

static void on_progress(void *context, uint64_t done, uint64_t total) {
    Progress *progress = context;
    assert_true(done >= progress->last && done <= total);
    *progress = (Progress){.calls = progress->calls + 1, .last = done, .total = total};
}

static void tells_progress(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Progress progress = {0};
    Backup *backup;
    assert_null(backup_open(arena, fixture(arena, "pg17/custom.dump"), &backup));
    assert_null(backup_read(backup, &(BackupReadRequest){.jobs = 2, .progress = on_progress, .context = &progress}));
    assert_true(progress.calls >= 1);
    assert_int_equal(progress.last, progress.total);
    assert_int_equal(progress.total, backup->size_bytes);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_exact),           cmocka_unit_test(digests_do_not_depend_on_the_container),
        cmocka_unit_test(tells_versions_and_formats), cmocka_unit_test(recognises_by_content),
        cmocka_unit_test(refuses_what_is_no_backup),  cmocka_unit_test(tells_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
