/* SPDX-License-Identifier: PostgreSQL */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A backup of these bytes, read by so many threads; false when it cannot be opened. Reading must not fail: what is
 * wrong with the content is a defect. */
static bool read_whole(Arena *arena, int descriptor, int jobs, Backup **out) {
    const char *path = arena_printf(arena, "/proc/self/fd/%d", descriptor);
    if (backup_open(arena, path, out) != NULL)
        return false;
    if (backup_read(*out, &(BackupReadRequest){.jobs = jobs}) != NULL || !(*out)->read_whole)
        __builtin_trap();
    return true;
}

static uint64_t counted(const Backup *backup) {
    uint64_t rows = 0;
    LIST_EACH (const InventoryTable, table, backup->inventory->tables)
        rows += table->count == INVENTORY_EXACT ? table->rows : 0;
    return rows;
}

/* Any file at all, through everything that reads it: custom archives from their seeds, tar and scripts as far as the
 * fuzzer gets. One thread and three must say the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size)
        abort();
    Arena *arena = arena_new();
    Backup *one, *three;
    bool opened = read_whole(arena, descriptor, 1, &one);
    if (opened != read_whole(arena, descriptor, 3, &three))
        __builtin_trap();
    if (opened && ((one->defects.count == 0) != (three->defects.count == 0) ||
                   (one->defects.count == 0 && counted(one) != counted(three))))
        __builtin_trap();
    arena_free(arena);
    close(descriptor);
    return 0;
}
