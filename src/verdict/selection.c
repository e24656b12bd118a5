/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/selection.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "format/backup.h"
#include "source/directory.h"

/* Scripts larger than this hold more than roles. */
#define ROLES_MOST (1024 * 1024)

static bool claims_by_name(Arena *arena, const char *path) {
    static const char *const endings[] = {".dump",    ".dump.gz",  ".dmp",     ".pgdump", ".backup",  ".sql", ".sql.gz",
                                          ".sql.zst", ".sql.zstd", ".sql.lz4", ".psql",   ".pg_dump", ".bak"};
    Text name = text_of(file_base_name(arena, path));
    for (size_t at = 0; at < sizeof(endings) / sizeof(endings[0]); at++)
        if (text_ends(name, endings[at]))
            return true;
    return false;
}

/* "3134.dat.gz": a data file of a directory-format dump, whose toc.dat may have been lost. */
static bool is_member_name(const char *name) {
    size_t digits = strspn(name, "0123456789");
    return digits > 0 && strncmp(name + digits, ".dat", 4) == 0;
}

static bool claims_by_members(Arena *arena, const char *path) {
    char **names;
    size_t count;
    if (file_list(arena, path, &names, &count) != NULL)
        return false;
    for (size_t at = 0; at < count; at++)
        if (is_member_name(names[at]))
            return true;
    return false;
}

static bool claims(Arena *arena, const char *path) {
    FileInfo info;
    if (file_info(arena, path, &info) != NULL)
        return false;
    return info.kind == FILE_DIRECTORY ? claims_by_members(arena, path) : claims_by_name(arena, path);
}

static bool holds_roles_only(Arena *arena, const char *path) {
    FileInfo info;
    Backup *backup;
    if (file_info(arena, path, &info) != NULL || info.kind != FILE_REGULAR || info.size > ROLES_MOST)
        return false;
    if (backup_open(arena, path, &backup) != NULL || strcmp(backup->format, "script") != 0)
        return false;
    return backup_read(backup, &(BackupReadRequest){.jobs = 1}) == NULL && backup->read_whole && backup->globals_only;
}

static Err *is_candidate(Arena *arena, const char *path, bool *out) {
    Arena *scratch = arena_child(arena);
    Err *err = backup_recognise(scratch, path, out);
    if (err != NULL)
        *out = false;
    *out = *out ? !holds_roles_only(scratch, path) : claims(scratch, path);
    err = err != NULL && err_is(err, ERR_INTERRUPTED) ? err_copy(arena, err) : NULL;
    arena_free(scratch);
    return err;
}

/* When it was taken, as far as its front tells. */
static Time time_of(Arena *arena, const DirectoryEntry *entry) {
    Arena *scratch = arena_child(arena);
    Backup *backup = NULL;
    bool stated = backup_open(scratch, entry->path, &backup) == NULL && backup->taken_at_stated;
    Time when = stated ? backup->taken_at : entry->modified;
    arena_free(scratch);
    return when;
}

typedef struct Candidate {
    Time taken_at;
    size_t position; /* among the entries, which are in the order of their files' times */
} Candidate;

static int order_newest_first(const void *a, const void *b) {
    const Candidate *left = a, *right = b;
    if (left->taken_at != right->taken_at)
        return left->taken_at < right->taken_at ? 1 : -1;
    return left->position < right->position ? -1 : 1; /* archives state whole seconds */
}

static void sort_by_time_taken(Arena *arena, DirectoryEntries *entries) {
    if (entries->count < 2)
        return;
    Candidate *candidates = ARENA_ARRAY(arena, Candidate, entries->count);
    for (size_t at = 0; at < entries->count; at++)
        candidates[at] = (Candidate){.taken_at = time_of(arena, &entries->items[at]), .position = at};
    qsort(candidates, entries->count, sizeof(*candidates), order_newest_first);
    DirectoryEntry *sorted = ARENA_ARRAY(arena, DirectoryEntry, entries->count);
    for (size_t at = 0; at < entries->count; at++)
        sorted[at] = entries->items[candidates[at].position];
    entries->items = sorted;
}

static void add(Arena *arena, Selection *out, const char *path, const Err *obstacle) {
    *LIST_PUSH(arena, *out) = (SelectionItem){.path = path, .obstacle = obstacle};
}

static Err *nothing_in(Arena *arena, const char *path, size_t pending) {
    Err *err = err_new(arena, ERR_NOT_FOUND, "no backup in the folder %s%s", text_safe(arena, path),
                       pending == 0 ? "" : ", only unfinished files");
    return pending == 0 ? err : err_hint(arena, err, "Look whether the backup job is still running, or was killed");
}

static Err *find_in_folder(Arena *arena, const char *path, bool all, Selection *out) {
    DirectoryEntries entries, finished = {0};
    Err *err = directory_entries(arena, path, is_candidate, &entries);
    if (err != NULL && err_is(err, ERR_INTERRUPTED))
        return err;
    if (err != NULL) {
        add(arena, out, path, err);
        return NULL;
    }
    LIST_EACH (const DirectoryEntry, entry, entries) {
        if (!entry->pending)
            *LIST_PUSH(arena, finished) = *entry;
    }
    if (finished.count == 0)
        add(arena, out, path, nothing_in(arena, path, entries.count));
    sort_by_time_taken(arena, &finished);
    for (size_t at = 0; at < finished.count && (all || at == 0); at++)
        add(arena, out, finished.items[at].path, NULL);
    return NULL;
}

Err *selection_find(Arena *arena, const char *path, bool all, Selection *out) {
    *out = (Selection){0};
    FileInfo info;
    Err *err = file_info(arena, path, &info);
    bool is_backup = false;
    if (err == NULL && info.kind == FILE_DIRECTORY) {
        err = backup_recognise(arena, path, &is_backup);
        if (err == NULL && !is_backup && !claims_by_members(arena, path))
            return find_in_folder(arena, path, all, out);
    }
    add(arena, out, path, err);
    return err != NULL && err_is(err, ERR_INTERRUPTED) ? err : NULL;
}
