/* SPDX-License-Identifier: PostgreSQL */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char front[] = "--\n-- PostgreSQL database dump\n--\n\n";
static const char end[] = "\n--\n-- PostgreSQL database dump complete\n--\n";

static Backup *read_with(Arena *arena, int descriptor, int jobs) {
    char path[64];
    Backup *backup;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    if (backup_open(arena, path, &backup) != NULL || strcmp(backup->format, "script") != 0)
        __builtin_trap();
    if (backup_read(backup, &(BackupReadRequest){.jobs = jobs}) != NULL || !backup->read_whole)
        __builtin_trap();
    return backup;
}

static void same(const Backup *one, const Backup *two) {
    if (one->defects.count != two->defects.count || one->inventory->tables.count != two->inventory->tables.count ||
        one->inventory->objects.count != two->inventory->objects.count || one->raw_bytes != two->raw_bytes)
        __builtin_trap();
    for (size_t at = 0; at < one->inventory->tables.count; at++) {
        const InventoryTable *a = &one->inventory->tables.items[at], *b = &two->inventory->tables.items[at];
        if (a->count != b->count || a->rows != b->rows || a->digested != b->digested ||
            !hash_sum_equal(a->digest, b->digest) || (a->count == INVENTORY_UNKNOWN && a->unknown_why == NULL))
            __builtin_trap();
    }
}

/* What stands between pg_dump's first line and its last may be anything: it is read to the end, by one thread as by
 * two. Without the last line there is a defect. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    bool ends = size > 0 && bytes[0] % 4 != 0;
    if (descriptor < 0 || write(descriptor, front, strlen(front)) < 0 ||
        (size > 1 && write(descriptor, bytes + 1, size - 1) < 0) || (ends && write(descriptor, end, strlen(end)) < 0))
        __builtin_trap();
    Arena *arena = arena_new();
    const Backup *backup = read_with(arena, descriptor, 1);
    bool says_so = memmem(bytes, size, "dump complete", strlen("dump complete")) != NULL;
    if (!ends && !says_so && backup->defects.count == 0)
        __builtin_trap();
    if (size % 8 == 0)
        same(backup, read_with(arena, descriptor, 2));
    arena_free(arena);
    close(descriptor);
    return 0;
}
