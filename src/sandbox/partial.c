/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "source/companion.h"

static const char marker_name[] = "lifeboat.marker";
static const char marker_text[] = "A backup that lifeboat is writing or removing. It goes when its owner is gone.\n";

static Err *absolute(Arena *arena, const char *path, const char **out) {
    char *resolved = realpath(path, NULL);
    if (resolved == NULL)
        return err_errno(arena, errno, "cannot use the directory %s", text_safe(arena, path));
    *out = arena_strdup(arena, resolved);
    free(resolved);
    return NULL;
}

/* It gets its name after it is locked: nobody may take it for a dead one's in between. */
static Err *write_marker(Arena *arena, Partial *partial) {
    const char *path = file_join(arena, partial->directory, marker_name);
    const char *unlocked = arena_printf(arena, "%s.new", path);
    const char *text = arena_printf(arena, "%s%s\n", marker_text, partial->name);
    partial->marker = open(unlocked, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (partial->marker < 0)
        return err_errno(arena, errno, "cannot write %s", text_safe(arena, unlocked));
    if (flock(partial->marker, LOCK_EX | LOCK_NB) != 0)
        return err_errno(arena, errno, "cannot lock %s", text_safe(arena, unlocked));
    if (write(partial->marker, text, strlen(text)) != (ssize_t)strlen(text) || rename(unlocked, path) != 0)
        return err_errno(arena, errno, "cannot write %s", text_safe(arena, path));
    return NULL;
}

Err *partial_make(Arena *arena, const char *folder, const char *name, Partial **out) {
    Partial *partial = ARENA_NEW(arena, Partial);
    *partial = (Partial){.name = name, .marker = -1};
    TRY(absolute(arena, folder, &partial->folder));
    char *directory = arena_printf(arena, "%s/%sXXXXXX", partial->folder, PARTIAL_PREFIX);
    if (mkdtemp(directory) == NULL)
        return err_errno(arena, errno, "cannot write in %s", text_safe(arena, partial->folder));
    partial->directory = directory;
    Err *err = write_marker(arena, partial);
    if (err != NULL)
        (void)partial_remove(arena, partial);
    *out = partial;
    return err;
}

Err *partial_move(Arena *arena, const char *from, const char *to) {
    int number = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
    if (number == EINVAL || number == ENOSYS) { /* file systems that cannot promise it */
        struct stat there;
        number = lstat(to, &there) == 0 ? EEXIST : rename(from, to) == 0 ? 0 : errno;
    }
    return number == 0
               ? NULL
               : err_errno(arena, number, "cannot rename %s to %s", text_safe(arena, from), text_safe(arena, to));
}

Err *partial_remove(Arena *arena, Partial *partial) {
    Err *err = file_remove_tree(arena, partial->directory);
    if (partial->marker >= 0)
        close(partial->marker);
    partial->marker = -1;
    return err;
}

/* ---- sweeping ---- */

static bool is_name(Text name) {
    return name.length > 0 && name.length <= NAME_MAX && name.at[0] != '.' && text_find(name, '/') < 0 &&
           text_find(name, '\n') < 0;
}

/* The backup's name when the locked file is a marker of ours, else NULL. */
static const char *read_marker(Arena *arena, int descriptor) {
    char bytes[sizeof(marker_text) + NAME_MAX + 2];
    size_t got = 0;
    if (file_read_at(arena, descriptor, 0, bytes, sizeof(bytes), &got) != NULL)
        return NULL;
    Text text = {.at = bytes, .length = got}, rest;
    if (!text_starts(text, marker_text))
        return NULL;
    Text name = text_cut(text_slice(text, strlen(marker_text), text.length), '\n', &rest);
    return is_name(name) ? text_dup(arena, name) : NULL;
}

/* A descriptor of the marker, locked, when the directory is ours and its owner dead; else -1. */
static int claim(Arena *arena, const char *directory, const char **name) {
    struct stat found;
    if (lstat(directory, &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != geteuid())
        return -1;
    int marker = open(file_join(arena, directory, marker_name), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (marker < 0)
        return -1;
    bool ours = fstat(marker, &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == geteuid() &&
                flock(marker, LOCK_EX | LOCK_NB) == 0;
    *name = ours ? read_marker(arena, marker) : NULL;
    if (*name != NULL)
        return marker;
    close(marker);
    return -1;
}

/* Companions have their names before the backup has, and lose them after it. */
static void remove_companions(Arena *arena, const char *folder, const char *name) {
    const char *backup = file_join(arena, folder, name);
    const char *const companions[] = {companion_globals(arena, backup), companion_attestation(arena, backup)};
    struct stat found;
    if (lstat(backup, &found) == 0 || errno != ENOENT)
        return;
    for (size_t at = 0; at < sizeof(companions) / sizeof(companions[0]); at++)
        if (lstat(companions[at], &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == geteuid())
            unlink(companions[at]);
}

static void sweep_one(Arena *arena, const char *folder, const char *directory, size_t *swept) {
    const char *name = NULL;
    int marker = claim(arena, directory, &name);
    if (marker < 0)
        return;
    remove_companions(arena, folder, name);
    Err *err = file_remove_tree(arena, directory);
    if (err != NULL)
        log_warning("what an earlier run left could not be removed", "path", text_safe(arena, directory), "error",
                    err_text(arena, err), NULL);
    *swept += err == NULL;
    close(marker);
}

Err *partial_sweep(Arena *arena, const char *folder, size_t *swept) {
    const char *path;
    char **names;
    size_t count;
    *swept = 0;
    TRY(absolute(arena, folder, &path));
    TRY(file_list(arena, path, &names, &count));
    for (size_t at = 0; at < count; at++)
        if (text_starts(text_of(names[at]), PARTIAL_PREFIX))
            sweep_one(arena, path, file_join(arena, path, names[at]), swept);
    return NULL;
}
