/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SOURCE_DIRECTORY_H
#define LIFEBOAT_SOURCE_DIRECTORY_H

#include "base/err.h"
#include "base/list.h"
#include "base/time.h"

/*
 * A folder of backups on a file system: its entries that are backups by content (format/backup.h is above this floor,
 * so the recogniser is passed in), newest first. Hidden files and names ending in .tmp, .part, .partial are listed as
 * `pending`, not as backups. `source` folders are not searched recursively, except one level for directory-format
 * dumps.
 */
typedef struct DirectoryEntry {
    const char *path;
    uint64_t size_bytes;
    Time modified;
    bool pending; /* looks unfinished by its name */
} DirectoryEntry;

typedef LIST(DirectoryEntry) DirectoryEntries;

typedef Err *(*DirectoryRecognise)(Arena *arena, const char *path, bool *out);

Err *directory_entries(Arena *arena, const char *path, DirectoryRecognise recognise, DirectoryEntries *out);

#endif
