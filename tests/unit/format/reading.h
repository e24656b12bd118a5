/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_TESTS_FORMAT_READING_H
#define LIFEBOAT_TESTS_FORMAT_READING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "format/backup.h"

/*
 * Reading: a backup opened and read to its end, and what a test asks of it. Damaged copies are written into a directory
 * that goes with its arena.
 */
typedef struct Reading {
    Err *err; /* of opening or reading */
    Backup *backup;
} Reading;

static inline Reading read_backup(Arena *arena, const char *path, int jobs) {
    Reading reading = {0};
    reading.err = backup_open(arena, path, &reading.backup);
    if (reading.err == NULL)
        reading.err = backup_read(reading.backup, &(BackupReadRequest){.jobs = jobs});
    return reading;
}

static inline const char *fixture(Arena *arena, const char *name) {
    const char *source = getenv("LIFEBOAT_SOURCE");
    assert_non_null(source);
    return arena_printf(arena, "%s/tests/fixtures/%s", source, name);
}

static inline Text fixture_bytes(Arena *arena, const char *name) {
    Buf *bytes;
    assert_null(file_read_all(arena, fixture(arena, name), (size_t)64 << 20, &bytes));
    return buf_view(bytes);
}

static inline void remove_scratch(void *path) {
    Arena *arena = arena_new();
    assert_null(file_remove_tree(arena, path));
    arena_free(arena);
}

static inline const char *scratch_directory(Arena *arena) {
    /* Thousands of damaged copies: in memory where there is such a place. */
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    char *path = arena_printf(arena, "%s/lifeboat-test-XXXXXX", place);
    assert_non_null(mkdtemp(path));
    arena_defer(arena, remove_scratch, path);
    return path;
}

static inline const char *write_bytes(Arena *arena, const char *directory, const char *name, Text bytes) {
    const char *path = file_join(arena, directory, name);
    unlink(path);
    assert_null(file_write_atomic(arena, path, bytes, 0600));
    return path;
}

/* The first defect of that kind whose place or message holds the words, or NULL. */
static inline const BackupDefect *find_defect(const Backup *backup, BackupDefectKind kind, const char *words) {
    LIST_EACH (const BackupDefect, defect, backup->defects) {
        if (defect->kind == kind && (strstr(defect->where, words) != NULL || strstr(defect->message, words) != NULL))
            return defect;
    }
    return NULL;
}

static inline const char *defects_text(Arena *arena, const Reading *reading) {
    if (reading->err != NULL)
        return err_text(arena, reading->err);
    Buf *buf = buf_new(arena, 100000);
    buf_printf(buf, "%zu defects", reading->backup->defects.count);
    LIST_EACH (const BackupDefect, defect, reading->backup->defects)
        buf_printf(buf, "\n  %d %s: %s", (int)defect->kind, defect->where, defect->message);
    return buf->at;
}

static inline void assert_defect(const Reading *reading, BackupDefectKind kind, const char *words) {
    Arena *arena = arena_new();
    if (reading->err != NULL || find_defect(reading->backup, kind, words) == NULL)
        fail_msg("no defect %d about \"%s\": %s", (int)kind, words, defects_text(arena, reading));
    arena_free(arena);
}

/* Whole: read without error or defect, every table with data counted. */
static inline void assert_whole(const Reading *reading) {
    Arena *arena = arena_new();
    if (reading->err != NULL || reading->backup->defects.count > 0)
        fail_msg("not whole: %s", defects_text(arena, reading));
    assert_true(reading->backup->read_whole);
    LIST_EACH (const InventoryTable, table, reading->backup->inventory->tables) {
        if (table->has_data && table->count != INVENTORY_EXACT)
            fail_msg("%s is not counted", inventory_table_text(arena, table));
    }
    arena_free(arena);
}

/* Two readings give the same rows, bytes and digests for every table with data, and the same large objects. */
static inline bool same_data(const Backup *left, const Backup *right) {
    const Inventory *a = left->inventory, *b = right->inventory;
    if (a->tables.count != b->tables.count || a->large_objects != b->large_objects ||
        !hash_sum_equal(a->large_object_digest, b->large_object_digest))
        return false;
    for (size_t i = 0; i < a->tables.count; i++) {
        const InventoryTable *one = &a->tables.items[i], *two = &b->tables.items[i];
        if (strcmp(one->name, two->name) != 0 || strcmp(one->schema, two->schema) != 0 ||
            one->has_data != two->has_data || one->count != two->count || one->rows != two->rows ||
            one->bytes != two->bytes || !hash_sum_equal(one->digest, two->digest))
            return false;
    }
    return true;
}

#endif
