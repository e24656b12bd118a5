/* SPDX-License-Identifier: PostgreSQL */
#include <inttypes.h>
#include <string.h>

#include "format/archive_files.h"

/*
 * Tar archives as pg_dump writes them (pg_backup_tar.c, src/port/tar.c): toc.dat first, a member for each table's data
 * in the order of the table of contents (pg_restore depends on it), large objects, restore.sql, two empty blocks.
 * Members are never compressed. Numbers are octal, or base 256 after a byte of 0200.
 */
#define TAR_BLOCK 512
#define TAR_NAME 100
#define TAR_SIZE_AT 124
#define TAR_TIME_AT 136
#define TAR_SUM_AT 148
#define TAR_TYPE_AT 156
#define TAR_MAGIC_AT 257
#define TAR_TOC "toc.dat"

typedef struct TarHeader {
    char name[TAR_NAME + 1];
    uint64_t size;
    uint64_t time; /* seconds since 1970 */
    char type;
} TarHeader;

static bool read_number(const uint8_t *field, size_t length, uint64_t *out) {
    *out = 0;
    if (field[0] == 0200) {
        for (size_t i = 1; i < length; i++) {
            if (*out >> 56 != 0)
                return false;
            *out = *out << 8 | field[i];
        }
        return true;
    }
    size_t i = 0;
    for (; i < length && field[i] >= '0' && field[i] <= '7'; i++)
        *out = *out << 3 | (uint64_t)(field[i] - '0'); /* at most twelve digits: 36 bits */
    return i > 0;
}

/* The sum of all bytes, those of the sum itself counted as blanks. */
static uint64_t checksum(const uint8_t *block) {
    uint64_t sum = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= TAR_SUM_AT && i < TAR_TYPE_AT ? ' ' : block[i];
    return sum;
}

/* False when the block is no header, or a damaged one. */
static bool parse_header(const uint8_t *block, TarHeader *out) {
    uint64_t sum;
    if (memcmp(block + TAR_MAGIC_AT, "ustar", 5) != 0)
        return false;
    if (!read_number(block + TAR_SUM_AT, 8, &sum) || sum != checksum(block))
        return false;
    memcpy(out->name, block, TAR_NAME);
    out->name[TAR_NAME] = '\0';
    out->type = (char)block[TAR_TYPE_AT];
    return read_number(block + TAR_SIZE_AT, 12, &out->size) && read_number(block + TAR_TIME_AT, 12, &out->time);
}

static bool recognise(const FormatProbe *probe) {
    TarHeader header;
    return probe->head.length >= TAR_BLOCK && parse_header((const uint8_t *)probe->head.at, &header) &&
           strcmp(header.name, TAR_TOC) == 0;
}

/* What is behind a member's bytes, up to the next multiple of a block. */
static uint64_t padding(uint64_t size) {
    return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

typedef struct Walk {
    Backup *backup;
    ArchiveFiles *files;
    Arena *scratch;
    int descriptor;
    uint64_t at, size;
} Walk;

static void defect_at(const Walk *walk, BackupDefectKind kind, const char *message) {
    BackupDefect defect = {.kind = kind,
                           .where = arena_printf(walk->backup->arena, "tar file, at byte %" PRIu64, walk->at)};
    format_defect_add(walk->backup, &defect, "%s", message);
}

static bool all_zero(const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

/* Two empty blocks, and nothing but more of them. */
static Err *check_end(Walk *walk) {
    uint8_t *buffer = arena_alloc(walk->scratch, FORMAT_BUFFER);
    if (walk->size - walk->at < 2 * (uint64_t)TAR_BLOCK)
        defect_at(walk, BACKUP_DEFECT_TRUNCATED, "the closing empty blocks are missing");
    for (; walk->at < walk->size;) {
        size_t got;
        TRY(file_read_at(walk->scratch, walk->descriptor, walk->at, buffer, FORMAT_BUFFER, &got));
        if (!all_zero(buffer, got)) {
            defect_at(walk, BACKUP_DEFECT_UNEXPECTED, "there are bytes after the end of the tar file");
            return NULL;
        }
        if (got == 0)
            return NULL;
        walk->at += got;
    }
    return NULL;
}

static Err *check_padding(Walk *walk, uint64_t at, uint64_t length) {
    uint8_t bytes[TAR_BLOCK];
    size_t got;
    TRY(file_read_at(walk->scratch, walk->descriptor, at, bytes, (size_t)length, &got));
    if (!all_zero(bytes, got))
        defect_at(walk, BACKUP_DEFECT_UNEXPECTED, "a member is followed by bytes other than padding");
    return NULL;
}

/* Adds the member whose header stands at walk->at and moves behind it; *more is false when the walk cannot go on. */
static Err *add_member(Walk *walk, const TarHeader *header, bool *more) {
    uint64_t begin = walk->at + TAR_BLOCK, left = walk->size - begin, pad = padding(header->size);
    ArchiveFile *file = LIST_PUSH(walk->backup->arena, walk->files->list);
    *file = (ArchiveFile){.name = arena_strdup(walk->backup->arena, header->name),
                          .at = begin,
                          .size = header->size < left ? header->size : left,
                          .regular = header->type == '0' || header->type == '\0'};
    *more = header->size <= left && pad <= left - header->size;
    if (!*more) {
        defect_at(walk, BACKUP_DEFECT_TRUNCATED, "the tar file ends inside this member");
        return NULL;
    }
    TRY(check_padding(walk, begin + header->size, pad));
    walk->at = begin + header->size + pad;
    return NULL;
}

static Err *list_members(Walk *walk) {
    bool more = true;
    while (more) {
        uint8_t block[TAR_BLOCK];
        TarHeader header;
        size_t got;
        TRY(file_read_at(walk->scratch, walk->descriptor, walk->at, block, TAR_BLOCK, &got));
        if (got < TAR_BLOCK) {
            defect_at(walk, BACKUP_DEFECT_TRUNCATED, "the tar file ends without its closing blocks");
            return NULL;
        }
        if (all_zero(block, TAR_BLOCK))
            return check_end(walk);
        if (!parse_header(block, &header)) {
            defect_at(walk, BACKUP_DEFECT_DECODE, "a member's header is damaged: what follows cannot be found");
            return NULL;
        }
        TRY(add_member(walk, &header, &more));
    }
    return NULL;
}

/* pg_restore reads a tar file forward only: data must come in the order of the table of contents. */
static void check_order(Backup *backup, ArchiveFiles *files) {
    const Archive *archive = backup->state;
    uint64_t last = 0;
    LIST_EACH (ArchiveEntry, entry, archive->entries) {
        const UnpackMethod *method;
        const ArchiveFile *file = archive_files_find(files, entry->file, &method);
        if (file == NULL || entry->content == ARCHIVE_OBJECTS)
            continue;
        BackupDefect defect = {.kind = BACKUP_DEFECT_HEADER, .where = entry->where};
        if (file->at < last)
            format_defect_add(backup, &defect,
                              "its member comes too early in the tar file: pg_restore would not find it");
        last = file->at;
    }
}

/* The bytes of toc.dat. */
typedef struct Front {
    Arena *arena;
    int descriptor;
    uint64_t at, end;
    uint8_t *buffer;
} Front;

static Err *front_next(void *context, Text *piece) {
    Front *front = context;
    size_t wanted = front->end - front->at < FORMAT_BUFFER ? (size_t)(front->end - front->at) : FORMAT_BUFFER, got = 0;
    if (wanted > 0)
        TRY(file_read_at(front->arena, front->descriptor, front->at, front->buffer, wanted, &got));
    front->at += got;
    *piece = (Text){(const char *)front->buffer, got};
    return NULL;
}

/* toc.dat is written within moments of the dump's beginning, and its header has a clock in UTC: together with the local
 * one in the table of contents that gives the zone. */
static void find_zone(Backup *backup, uint64_t seconds) {
    if (seconds > 0 && seconds < UINT64_C(1) << 35)
        archive_anchor(backup, (Time)seconds * TIME_SECOND);
}

static Err *open(Backup *backup, const FormatProbe *probe) {
    TarHeader header;
    FileInfo info;
    if (probe->packed != &unpack_none)
        return err_hint(backup->arena,
                        err_new(backup->arena, ERR_UNSUPPORTED, "it is a tar archive compressed as a whole with %s",
                                probe->packed->name),
                        "decompress it first; pg_restore needs that as well");
    if (!parse_header((const uint8_t *)probe->head.at, &header))
        return err_new(backup->arena, ERR_DATA, "its first header is damaged");
    Arena *scratch = arena_child(backup->arena);
    Front front = {.arena = scratch,
                   .at = TAR_BLOCK,
                   .end = TAR_BLOCK + (header.size < probe->info.size ? header.size : probe->info.size),
                   .buffer = arena_alloc(scratch, FORMAT_BUFFER)};
    TRY(file_open(scratch, backup->path, &front.descriptor, &info));
    TRY(archive_open(backup, &(ArchiveBytes){.more = front_next, .context = &front, .size = front.end - front.at}));
    arena_free(scratch);
    const Archive *archive = backup->state;
    BackupDefect defect = {.kind = BACKUP_DEFECT_UNEXPECTED, .where = "table of contents"};
    if (archive->toc_end < header.size)
        format_defect_add(backup, &defect, "toc.dat does not end after the last entry");
    find_zone(backup, header.time);
    return NULL;
}

static void take(ArchiveFiles *files, const char *name) {
    const UnpackMethod *method;
    ArchiveFile *file = archive_files_find(files, name, &method);
    if (file != NULL)
        file->used = true;
}

static Err *read_all(Backup *backup, const BackupReadRequest *request) {
    Arena *scratch = arena_child(backup->arena);
    ArchiveFiles files = {.directory = NULL};
    FileInfo info;
    TRY(file_open(scratch, backup->path, &files.descriptor, &info));
    Walk walk = {
        .backup = backup, .files = &files, .scratch = scratch, .descriptor = files.descriptor, .size = info.size};
    TRY(list_members(&walk));
    archive_files_ready(backup, &files);
    check_order(backup, &files);
    take(&files, TAR_TOC);
    take(&files, "restore.sql");
    TRY(archive_files_read(backup, request, &files));
    arena_free(scratch);
    return NULL;
}

const Format tar_format = {.name = "tar",
                           .summary = "a tar file, made by pg_dump -Ft",
                           .recognise = recognise,
                           .open = open,
                           .read = read_all};
