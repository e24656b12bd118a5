/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "format/archive_files.h"

/*
 * Directory format (pg_backup_directory.c): toc.dat, which says "tar" of itself, and a file for each table's data and
 * each large object, each compressed on its own.
 */
static const char *const toc_names[] = {"toc.dat", "toc.dat.gz", "toc.dat.lz4", "toc.dat.zst"};

static bool recognise(const FormatProbe *probe) {
    if (probe->info.kind != FILE_DIRECTORY)
        return false;
    Arena *scratch = arena_new();
    bool found = false;
    for (size_t i = 0; i < sizeof(toc_names) / sizeof(toc_names[0]) && !found; i++) {
        FileInfo info;
        found = file_info(scratch, file_join(scratch, probe->path, toc_names[i]), &info) == NULL &&
                info.kind == FILE_REGULAR;
    }
    arena_free(scratch);
    return found;
}

/* Lists the files; size and time of the backup are those of all of them. */
static Err *list_files(Backup *backup, ArchiveFiles *files) {
    Arena *arena = backup->arena;
    char **names;
    size_t count;
    TRY(file_list(arena, backup->path, &names, &count));
    backup->size_bytes = 0;
    for (size_t i = 0; i < count; i++) {
        FileInfo info = {.kind = FILE_OTHER};
        Err *err = file_info(arena, file_join(arena, backup->path, names[i]), &info);
        if (err != NULL && !err_is(err, ERR_NOT_FOUND)) /* a link that leads nowhere */
            return err;
        *LIST_PUSH(arena, files->list) =
            (ArchiveFile){.name = names[i], .size = info.size, .regular = info.kind == FILE_REGULAR};
        backup->size_bytes += info.kind == FILE_REGULAR ? info.size : 0;
        if (i == 0 || info.modified > backup->modified)
            backup->modified = info.modified;
    }
    archive_files_ready(backup, files);
    return NULL;
}

/* The table of contents, perhaps compressed. */
typedef struct TocFile {
    Arena *arena;
    int descriptor;
    uint64_t at;
    uint8_t *buffer;
    Unpack *unpack;
} TocFile;

static Err *stored_next(void *context, Text *piece) {
    TocFile *toc = context;
    size_t got;
    TRY(file_read_at(toc->arena, toc->descriptor, toc->at, toc->buffer, FORMAT_BUFFER, &got));
    toc->at += got;
    *piece = (Text){(const char *)toc->buffer, got};
    return NULL;
}

static Err *plain_next(void *context, Text *piece) {
    return unpack_next(((TocFile *)context)->unpack, piece);
}

/* Bytes after the last entry, or damage after it. */
static Err *check_end(Backup *backup, TocFile *toc, const ArchiveFile *file, bool packed) {
    const Archive *archive = backup->state;
    BackupDefect defect = {.kind = BACKUP_DEFECT_UNEXPECTED, .where = "table of contents"};
    bool more = !packed && archive->toc_end < file->size;
    if (packed) {
        Text piece;
        TRY(plain_next(toc, &piece));
        more = piece.length > 0 || unpack_damage(toc->unpack)->message != NULL;
    }
    if (more)
        format_defect_add(backup, &defect, "%s does not end after the last entry",
                          text_quote(backup->arena, text_of(file->name), 100));
    return NULL;
}

static Err *read_toc(Backup *backup, ArchiveFiles *files) {
    const UnpackMethod *method = &unpack_none;
    Arena *scratch = arena_child(backup->arena);
    FileInfo info;
    TocFile toc = {.arena = scratch, .buffer = arena_alloc(scratch, FORMAT_BUFFER), .unpack = unpack_new(scratch)};
    const ArchiveFile *file = archive_files_find(files, "toc.dat", &method);
    if (file == NULL)
        return err_new(backup->arena, ERR_NOT_FOUND, "toc.dat is gone");
    TRY(file_open(scratch, file_join(scratch, backup->path, file->name), &toc.descriptor, &info));
    unpack_start(toc.unpack, method, stored_next, &toc);
    bool packed = method != &unpack_none;
    ArchiveBytes bytes = {.more = plain_next, .context = &toc, .size = packed ? UINT64_MAX : info.size};
    TRY(archive_open(backup, &bytes));
    TRY(check_end(backup, &toc, file, packed));
    arena_free(scratch);
    return NULL;
}

static Err *open(Backup *backup, const FormatProbe *probe) {
    ArchiveFiles files = {.directory = backup->path, .descriptor = -1};
    TRY(list_files(backup, &files));
    TRY(read_toc(backup, &files));
    const Archive *archive = backup->state;
    if (archive->header.format != TOC_TAR)
        return err_new(backup->arena, ERR_DATA, "its toc.dat is a custom archive, not a table of contents alone");
    return NULL;
}

static Err *read_all(Backup *backup, const BackupReadRequest *request) {
    ArchiveFiles files = {.directory = backup->path, .descriptor = -1};
    const UnpackMethod *method;
    TRY(list_files(backup, &files));
    ArchiveFile *toc = archive_files_find(&files, "toc.dat", &method);
    if (toc != NULL)
        toc->used = true;
    return archive_files_read(backup, request, &files);
}

const Format directory_format = {.name = "directory",
                                 .summary = "a directory with a file for each table, made by pg_dump -Fd",
                                 .recognise = recognise,
                                 .open = open,
                                 .read = read_all};
