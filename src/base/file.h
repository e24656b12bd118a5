/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_FILE_H
#define LIFEBOAT_BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"

/*
 * Files. Descriptors are close-on-exec and closed with the arena. Reading refuses FIFOs, sockets and devices (a FIFO
 * would hang and a device would never end) with a clear error.
 */
typedef enum FileKind { FILE_REGULAR, FILE_DIRECTORY, FILE_OTHER } FileKind;

typedef struct FileInfo {
    FileKind kind;
    uint64_t size;
    Time modified;
    mode_t mode; /* permission bits */
    uid_t owner;
    uint64_t device, inode;
} FileInfo;

/* Follows symbolic links. */
Err *file_info(Arena *arena, const char *path, FileInfo *out);

/* Opened for reading, closed with the arena; the descriptor and what fstat said about it (out may be NULL). */
Err *file_open(Arena *arena, const char *path, int *descriptor, FileInfo *out);

/* Reads up to `size` bytes at `offset`, retrying short reads; *got is less than size only at the end of the file. */
Err *file_read_at(Arena *arena, int descriptor, uint64_t offset, void *bytes, size_t size, size_t *got);

/* Reads an open file from `at` to its end, a piece at a time, for whoever takes a function that gives more:
 *     FileForward *forward = ARENA_NEW(arena, FileForward); then arena, descriptor and at are set
 *     toc_new(arena, file_forward, forward, ...)
 * The piece is valid until the next call, and empty at the end. */
typedef struct FileForward {
    Arena *arena;
    int descriptor;
    uint64_t at;
    char piece[65536];
} FileForward;
Err *file_forward(void *forward, Text *piece);

/* A whole small file; ERR_LIMIT when it is larger than `maximum`. */
Err *file_read_all(Arena *arena, const char *path, size_t maximum, Buf **out);

/* Written to a temporary name beside it, synced, renamed: readers see the old or the new, never half. */
Err *file_write_atomic(Arena *arena, const char *path, Text bytes, mode_t mode);

/* Names in a directory (without . and ..), sorted bytewise. */
Err *file_list(Arena *arena, const char *path, char ***names, size_t *count);

/* mkdir -p; new directories get the mode. */
Err *file_make_directories(Arena *arena, const char *path, mode_t mode);

/* rm -r of a directory that lifeboat made; refuses "/" and anything not absolute; does not follow links. */
Err *file_remove_tree(Arena *arena, const char *path);

/* Bytes an unprivileged user may still write on that path's file system. */
Err *file_free_space(Arena *arena, const char *path, uint64_t *out);

const char *file_join(Arena *arena, const char *directory, const char *name);
const char *file_base_name(Arena *arena, const char *path); /* last component, trailing slashes ignored */

/* "1.4 GB", "820 kB", "12 bytes": powers of 1000, for people. */
const char *file_size_text(Arena *arena, uint64_t bytes);

#endif
