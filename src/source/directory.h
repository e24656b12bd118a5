/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SOURCE_DIRECTORY_H
#define LIFEBOAT_SOURCE_DIRECTORY_H

#include "base/err.h"
#include "base/list.h"
#include "base/time.h"

/*
 * A folder of backups on a file system: its entries that are backups by content (format/backup.h is above this floor,
 * so the recogniser is passed in), newest first. Hidden files and names that programs give to unfinished ones (.tmp,
 * .part, .partial, a trailing ~) are listed as `pending`, not as backups. Sub-folders are entries when they are
 * backups themselves (directory-format dumps); they are not searched. What belongs to a backup (source/companion.h) is
 * no entry.
 */
typedef struct DirectoryEntry {
    const char *path;
    uint64_t size_bytes;
    Time modified;
    bool pending; /* looks unfinished by its name */
} DirectoryEntry;

typedef LIST(DirectoryEntry) DirectoryEntries;

/* An error ends the search: a recogniser that cannot look at a file decides itself what that means. */
typedef Err *(*DirectoryRecognise)(Arena *arena, const char *path, bool *out);

Err *directory_entries(Arena *arena, const char *path, DirectoryRecognise recognise, DirectoryEntries *out);

/* Size and modification time of a file, or the sum and the newest of a directory's files. */
Err *directory_measure(Arena *arena, const char *path, uint64_t *size, Time *modified);

#endif
