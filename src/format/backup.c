/* SPDX-License-Identifier: PostgreSQL */
#include "format/backup.h"

#include "format/format.h"
#include "format/script_guess.h"

/* In the order in which they are asked whether they know a backup: the script takes any readable text, so it comes
 * last. */
const Format *const backup_formats[] = {&custom_format, &tar_format, &directory_format, &script_format, NULL};

/* First stored bytes of a file, as a source. */
typedef struct Front {
    Arena *arena;
    int descriptor;
    uint64_t at;
    uint8_t *buffer;
} Front;

static Err *front_next(void *context, Text *piece) {
    Front *front = context;
    size_t got;
    TRY(file_read_at(front->arena, front->descriptor, front->at, front->buffer, FORMAT_HEAD, &got));
    front->at += got;
    *piece = (Text){.at = (const char *)front->buffer, .length = got};
    return NULL;
}

/* Fills probe->packed and probe->head. A head that does not unpack is given as far as it does. */
static Err *probe_file(Arena *arena, FormatProbe *probe) {
    Arena *scratch = arena_child(arena);
    Front front = {.arena = arena, .buffer = arena_alloc(scratch, FORMAT_HEAD)};
    Text stored, plain;
    TRY(file_open(scratch, probe->path, &front.descriptor, &probe->info));
    TRY(front_next(&front, &stored));
    probe->packed = unpack_recognise(stored);
    front.at = 0;
    Unpack *unpack = unpack_new(scratch);
    unpack_start(unpack, probe->packed, front_next, &front);
    Buf *head = buf_new(arena, FORMAT_HEAD);
    do {
        TRY(unpack_next(unpack, &plain));
        buf_text(head, text_slice(plain, 0, FORMAT_HEAD - head->length));
    } while (plain.length > 0 && head->length < FORMAT_HEAD);
    probe->head = buf_view(head);
    arena_free(scratch);
    return NULL;
}

/* Fills the probe; *format is NULL when no format knows the path. */
static Err *probe_path(Arena *arena, const char *path, FormatProbe *probe, const Format **format) {
    *format = NULL;
    *probe = (FormatProbe){.path = path, .packed = &unpack_none};
    TRY(file_info(arena, path, &probe->info));
    if (probe->info.kind == FILE_REGULAR && probe->info.size > 0)
        TRY(probe_file(arena, probe));
    if (probe->info.kind == FILE_OTHER)
        return NULL;
    for (size_t i = 0; backup_formats[i] != NULL && *format == NULL; i++) {
        if (backup_formats[i]->recognise(probe))
            *format = backup_formats[i];
    }
    return NULL;
}

Err *backup_recognise(Arena *arena, const char *path, bool *out) {
    Arena *scratch = arena_child(arena);
    FormatProbe probe;
    const Format *format;
    Err *err = probe_path(scratch, path, &probe, &format);
    *out = err == NULL && format != NULL;
    err = err == NULL ? NULL : err_copy(arena, err);
    arena_free(scratch);
    return err;
}

static Err *unknown_format(Arena *arena, const FormatProbe *probe) {
    const char *path = text_safe(arena, probe->path);
    if (probe->info.kind == FILE_DIRECTORY)
        return err_hint(arena, err_new(arena, ERR_DATA, "%s is a directory, but no backup: it has no toc.dat", path),
                        "for a folder of backups, its newest one is found by lifeboat verify");
    if (probe->info.kind == FILE_OTHER)
        return err_new(arena, ERR_UNSUPPORTED, "%s is neither a regular file nor a directory", path);
    if (probe->info.size == 0)
        return err_hint(arena, err_new(arena, ERR_DATA, "%s is empty", path),
                        "the dump failed before it wrote anything: look at its log");
    bool other;
    const char *what = script_guess_stranger(probe->head, &other);
    if (what != NULL && other)
        return err_hint(arena, err_new(arena, ERR_UNSUPPORTED, "%s is %s, which lifeboat does not read", path, what),
                        "decrypt or unpack it first, then verify what comes out");
    if (what != NULL)
        return err_new(arena, ERR_DATA, "%s is no PostgreSQL backup, but %s", path, what);
    return err_hint(arena, err_new(arena, ERR_DATA, "%s is no PostgreSQL backup that lifeboat knows", path),
                    "lifeboat reads what pg_dump and pg_dumpall write: custom, directory, tar and plain SQL");
}

static Backup *new_backup(Arena *arena, const FormatProbe *probe, const Format *format) {
    Backup *backup = ARENA_NEW(arena, Backup);
    *backup = (Backup){.arena = arena,
                       .path = probe->path,
                       .id = file_base_name(arena, probe->path),
                       .format = format->name,
                       .compression = "none",
                       .size_bytes = probe->info.size,
                       .modified = probe->info.modified,
                       .taken_at = probe->info.modified,
                       .server_version = "",
                       .dump_version = "",
                       .archive_version = "",
                       .encoding = "",
                       .database = "",
                       .reader = format};
    backup->inventory =
        inventory_new(arena, INVENTORY_BACKUP, arena_printf(arena, "backup %s", text_safe(arena, backup->id)));
    return backup;
}

Err *backup_open(Arena *arena, const char *path, Backup **out) {
    FormatProbe *probe = ARENA_NEW(arena, FormatProbe);
    const Format *format;
    TRY(probe_path(arena, arena_strdup(arena, path), probe, &format));
    if (format == NULL)
        return unknown_format(arena, probe);
    Backup *backup = new_backup(arena, probe, format);
    Err *err = format->open(backup, probe);
    if (err != NULL)
        return err_wrap(arena, err, "cannot open the backup %s", text_safe(arena, path));
    *out = backup;
    return NULL;
}

Err *backup_read(Backup *backup, const BackupReadRequest *request) {
    Err *err = backup->reader->read(backup, request);
    if (err != NULL)
        return err_wrap(backup->arena, err, "cannot read the backup %s to its end",
                        text_safe(backup->arena, backup->path));
    return NULL;
}
