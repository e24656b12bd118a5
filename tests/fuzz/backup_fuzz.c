/* SPDX-License-Identifier: PostgreSQL */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A file of any bytes is no backup, or is read to its end with defects; a whole one says so without any. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size)
        __builtin_trap();
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    Arena *arena = arena_new();
    Backup *backup = NULL;
    Err *err = backup_open(arena, path, &backup);
    if (err == NULL) {
        err = backup_read(backup, &(BackupReadRequest){.jobs = 1});
        if (err != NULL && !err_is(err, ERR_UNSUPPORTED))
            __builtin_trap();
        if (err == NULL && !backup->read_whole && backup->defects.count == 0)
            __builtin_trap();
    } else if (err_is(err, ERR_IO)) {
        __builtin_trap();
    }
    arena_free(arena);
    close(descriptor);
    return 0;
}
