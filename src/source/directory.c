/* SPDX-License-Identifier: PostgreSQL */
#include "source/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "source/companion.h"

static bool is_pending(const char *name) {
    static const char *const endings[] = {".tmp", ".part", ".partial", ".crdownload", "~"};
    bool pending = name[0] == '.';
    for (size_t at = 0; at < sizeof(endings) / sizeof(endings[0]); at++)
        pending |= text_ends(text_of(name), endings[at]);
    return pending;
}

/* A directory is as large as its files and as new as the newest of them. */
Err *directory_measure(Arena *arena, const char *path, uint64_t *size, Time *modified) {
    FileInfo info;
    TRY(file_info(arena, path, &info));
    *size = info.kind == FILE_DIRECTORY ? 0 : info.size;
    *modified = info.modified;
    if (info.kind != FILE_DIRECTORY)
        return NULL;
    char **names;
    size_t count;
    TRY(file_list(arena, path, &names, &count));
    for (size_t at = 0; at < count; at++) {
        TRY(file_info(arena, file_join(arena, path, names[at]), &info));
        *size += info.kind == FILE_REGULAR ? info.size : 0;
        if (info.kind == FILE_REGULAR && (at == 0 || info.modified > *modified))
            *modified = info.modified;
    }
    return NULL;
}

static int order_newest_first(const void *a, const void *b) {
    const DirectoryEntry *left = a, *right = b;
    if (left->modified != right->modified)
        return left->modified > right->modified ? -1 : 1;
    return strcmp(right->path, left->path); /* names with dates sort like their dates */
}

/* Files may come and go while the folder is looked at: what is gone is no entry. */
static Err *visit(Arena *arena, const char *path, const char *name, DirectoryRecognise recognise,
                  DirectoryEntries *out) {
    DirectoryEntry entry = {.path = path, .pending = is_pending(name)};
    FileInfo info;
    if (file_info(arena, path, &info) != NULL || info.kind == FILE_OTHER || companion_is(arena, path))
        return NULL;
    bool is_backup = false;
    if (!entry.pending)
        TRY(recognise(arena, path, &is_backup));
    bool keep = is_backup || (entry.pending && info.kind == FILE_REGULAR);
    if (keep && directory_measure(arena, path, &entry.size_bytes, &entry.modified) == NULL)
        *LIST_PUSH(arena, *out) = entry;
    return NULL;
}

Err *directory_entries(Arena *arena, const char *path, DirectoryRecognise recognise, DirectoryEntries *out) {
    char **names;
    size_t count;
    *out = (DirectoryEntries){0};
    TRY(file_list(arena, path, &names, &count));
    for (size_t at = 0; at < count; at++) {
        TRY(interrupt_check(arena));
        TRY(visit(arena, file_join(arena, path, names[at]), names[at], recognise, out));
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof(*out->items), order_newest_first);
    return NULL;
}
