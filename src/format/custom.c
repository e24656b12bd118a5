/* SPDX-License-Identifier: PostgreSQL */
#include <endian.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "format/archive.h"

/*
 * Custom archives (pg_backup_custom.c): header, table of contents, then one block for each entry with data: its type,
 * the dump id, and chunks (a length, then that many bytes) up to a length of 0, which together are one compressed
 * stream. A block of large objects holds, for each, its oid and such chunks, up to an oid of 0.
 *
 * Where the table of contents knows the offsets, every block is a member, and must end exactly where the next begins.
 * In an archive written to a pipe they are unknown: threads take turns to walk from one block to the next, so each
 * member is found just before it is read.
 */
#define BLOCK_DATA 1
#define BLOCK_OBJECTS 3

/* Reads an open file forward through thread->buffer. */
typedef struct Cursor {
    FormatThread *thread;
    int descriptor;
    uint64_t at;     /* offset in the file of the next byte */
    uint64_t limit;  /* bytes at and after it belong to someone else */
    size_t from, to; /* what thread->buffer still holds */
    UnpackDamage damage;
} Cursor;

/* Chunks up to the length 0: an UnpackSource. */
typedef struct Chunks {
    Cursor *cursor;
    int integer_size;
    uint64_t left; /* of the present chunk */
    bool ended;
} Chunks;

typedef struct Custom {
    Archive *archive;
    int descriptor;
    uint64_t size; /* of the file, without a second table of contents */
    bool alone;    /* one thread */
    /* Walking, when offsets are unknown: held by the thread whose turn it is. */
    pthread_mutex_t turn;
    uint64_t next; /* where the next block begins */
    bool stopped;  /* the walk cannot go on */
    const ArchiveEntry **by_id;
    uint64_t *found; /* by position in the table of contents: where the block begins, 0 while it was not found */
} Custom;

/* A block whose place is known: what a FormatMember is. */
typedef struct Block {
    const ArchiveEntry *entry;
    uint64_t limit; /* where the next one begins */
} Block;

static void damage(Cursor *cursor, BackupDefectKind kind, const char *message) {
    if (cursor->damage.message == NULL)
        cursor->damage = (UnpackDamage){.kind = kind, .message = message};
}

static Cursor cursor_at(FormatThread *thread, const Custom *custom, uint64_t at, uint64_t limit) {
    return (Cursor){.thread = thread, .descriptor = custom->descriptor, .at = at, .limit = limit};
}

static Err *cursor_fill(Cursor *cursor) {
    uint64_t left = cursor->limit - cursor->at;
    size_t wanted = left < FORMAT_BUFFER ? (size_t)left : FORMAT_BUFFER, got = 0;
    cursor->from = cursor->to = 0;
    if (wanted > 0)
        TRY(file_read_at(cursor->thread->arena, cursor->descriptor, cursor->at, cursor->thread->buffer, wanted, &got));
    cursor->to = got;
    return format_advance(cursor->thread, got);
}

/* Up to `wanted` bytes, as many as are at hand; length 0 and damage when there are none. */
static Err *cursor_take(Cursor *cursor, uint64_t wanted, Text *piece) {
    if (cursor->from == cursor->to)
        TRY(cursor_fill(cursor));
    size_t ready = cursor->to - cursor->from;
    *piece = (Text){.at = (const char *)cursor->thread->buffer + cursor->from,
                    .length = wanted < ready ? (size_t)wanted : ready};
    cursor->from += piece->length;
    cursor->at += piece->length;
    if (piece->length == 0 && wanted > 0)
        damage(cursor, BACKUP_DEFECT_TRUNCATED, "the data ends in the middle of a block");
    return NULL;
}

static Err *cursor_skip(Cursor *cursor, uint64_t length) {
    size_t ready = cursor->to - cursor->from;
    if (length <= ready) {
        cursor->from += (size_t)length;
    } else {
        cursor->from = cursor->to = 0;
    }
    cursor->at += length;
    return NULL;
}

static Err *cursor_byte(Cursor *cursor, uint8_t *out) {
    Text piece;
    *out = 0;
    TRY(cursor_take(cursor, 1, &piece));
    if (piece.length > 0)
        *out = (uint8_t)piece.at[0];
    return NULL;
}

/* A sign byte and the magnitude, lowest byte first (ReadInt in pg_backup_archiver.c). False when no C integer of that
 * host could be it. */
static inline bool decode_integer(const uint8_t *bytes, int size, int64_t *out) {
    uint64_t magnitude = 0;
    if (size == 4) {
        uint32_t word;
        memcpy(&word, bytes + 1, sizeof(word));
        magnitude = le32toh(word);
    } else {
        for (int i = 0; i < size; i++)
            magnitude |= (uint64_t)bytes[1 + i] << (8 * i);
    }
    *out = bytes[0] == 1 ? -(int64_t)(magnitude & INT64_MAX) : (int64_t)(magnitude & INT64_MAX);
    return bytes[0] <= 1 && magnitude <= INT64_MAX;
}

/* 0 together with damage when it cannot be read. */
static Err *cursor_integer(Cursor *cursor, int size, int64_t *out) {
    uint8_t bytes[9];
    *out = 0;
    for (int i = 0; i <= size; i++)
        TRY(cursor_byte(cursor, &bytes[i]));
    if (cursor->damage.message == NULL && !decode_integer(bytes, size, out))
        damage(cursor, BACKUP_DEFECT_DECODE, "a length or identifier in a block is impossible");
    return NULL;
}

/* Moves to the next chunk: its length in chunks->left, or ended. */
static Err *next_chunk(Chunks *chunks) {
    Cursor *cursor = chunks->cursor;
    int64_t length;
    TRY(cursor_integer(cursor, chunks->integer_size, &length));
    if (cursor->damage.message == NULL && length < 0)
        damage(cursor, BACKUP_DEFECT_DECODE, "a block has a negative length");
    if (cursor->damage.message == NULL && (uint64_t)length > cursor->limit - cursor->at)
        damage(cursor, BACKUP_DEFECT_TRUNCATED, "a block is longer than what is left of the data");
    chunks->ended = cursor->damage.message != NULL || length == 0;
    chunks->left = chunks->ended ? 0 : (uint64_t)length;
    return NULL;
}

/* Chunks can be as small as a row (pg_dump before 17 without compression). As long as the next one is in the buffer
 * too, it is moved down to the end of the piece: fewer and larger pieces cost less than the moving. The buffer before
 * cursor->from is read already, so nothing is lost. */
static void append_chunks(const Chunks *chunks, Text *piece) {
    Cursor *cursor = chunks->cursor;
    uint8_t *buffer = cursor->thread->buffer, *end = buffer + (piece->at - (const char *)buffer) + piece->length;
    size_t head = (size_t)chunks->integer_size + 1, from = cursor->from;
    int64_t length;
    while (cursor->to - from > head && decode_integer(buffer + from, chunks->integer_size, &length) && length > 0 &&
           (uint64_t)length <= cursor->to - from - head) {
        memmove(end, buffer + from + head, (size_t)length);
        end += length;
        from += head + (size_t)length;
    }
    cursor->at += from - cursor->from;
    cursor->from = from;
    piece->length = (size_t)((const char *)end - piece->at);
}

static Err *chunks_next(void *context, Text *piece) {
    Chunks *chunks = context;
    *piece = (Text){0};
    if (chunks->left == 0 && !chunks->ended)
        TRY(next_chunk(chunks));
    if (chunks->left == 0)
        return NULL;
    TRY(cursor_take(chunks->cursor, chunks->left, piece));
    chunks->left -= piece->length;
    chunks->ended = piece->length == 0;
    chunks->left = chunks->ended ? 0 : chunks->left;
    if (chunks->left == 0 && piece->length > 0)
        append_chunks(chunks, piece);
    return NULL;
}

/* To behind the length 0, whatever was read of the chunks. */
static Err *skip_chunks(Chunks *chunks) {
    while (!chunks->ended) {
        if (chunks->left == 0)
            TRY(next_chunk(chunks));
        TRY(cursor_skip(chunks->cursor, chunks->left));
        chunks->left = 0;
    }
    return NULL;
}

/* Custom archives hold zlib streams without the gzip wrapper. */
static const UnpackMethod *method_of(const Archive *archive) {
    static const UnpackMethod *const methods[] = {&unpack_none, &unpack_gzip_zlib, &unpack_zstd, &unpack_lz4};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i]->name, archive->header.compression) == 0)
            return methods[i];
    }
    return &unpack_none;
}

typedef struct BlockStart {
    uint8_t type;
    int64_t id;
} BlockStart;

static Err *read_block_start(Cursor *cursor, const Custom *custom, BlockStart *out) {
    out->id = 0;
    TRY(cursor_byte(cursor, &out->type));
    if (cursor->damage.message == NULL)
        TRY(cursor_integer(cursor, custom->archive->header.integer_size, &out->id));
    return NULL;
}

static Chunks chunks_at(Cursor *cursor, const Custom *custom) {
    return (Chunks){.cursor = cursor, .integer_size = custom->archive->header.integer_size};
}

static Err *read_chunks(Cursor *cursor, const Custom *custom, const ArchiveEntry *entry) {
    Chunks chunks = chunks_at(cursor, custom);
    unpack_start(cursor->thread->unpack, method_of(custom->archive), chunks_next, &chunks);
    TRY(archive_read_data(cursor->thread, entry, &cursor->damage));
    return skip_chunks(&chunks);
}

static Err *read_object(Cursor *cursor, const Custom *custom, uint32_t oid) {
    FormatThread *thread = cursor->thread;
    Chunks chunks = chunks_at(cursor, custom);
    TRY(next_chunk(&chunks));
    if (chunks.ended && cursor->damage.message == NULL) {
        archive_empty_object(thread, oid);
        return NULL;
    }
    unpack_start(thread->unpack, method_of(custom->archive), chunks_next, &chunks);
    TRY(archive_read_object(thread, oid, &cursor->damage));
    return skip_chunks(&chunks);
}

/* An oid is written as a C int: those above 2^31 are negative. 0 ends the block. */
static Err *next_oid(Cursor *cursor, const Custom *custom, uint32_t *oid) {
    int64_t number;
    TRY(cursor_integer(cursor, custom->archive->header.integer_size, &number));
    if (number < INT32_MIN || number > UINT32_MAX)
        damage(cursor, BACKUP_DEFECT_DECODE, "the identifier of a large object is impossible");
    *oid = cursor->damage.message == NULL ? (uint32_t)number : 0;
    return NULL;
}

static Err *read_objects(Cursor *cursor, const Custom *custom, const ArchiveEntry *entry) {
    for (;;) {
        uint32_t oid;
        TRY(next_oid(cursor, custom, &oid));
        if (cursor->damage.message != NULL)
            archive_defect(cursor->thread, entry, &cursor->damage);
        if (oid == 0)
            return NULL;
        TRY(read_object(cursor, custom, oid));
        if (cursor->damage.message != NULL)
            return NULL;
    }
}

/* What follows a block's start, up to its end. */
static Err *read_block(Cursor *cursor, const Custom *custom, const ArchiveEntry *entry) {
    return entry->content == ARCHIVE_OBJECTS ? read_objects(cursor, custom, entry) : read_chunks(cursor, custom, entry);
}

static Err *skip_block(Cursor *cursor, const Custom *custom, uint8_t type) {
    uint32_t oid;
    do {
        oid = 0;
        if (type == BLOCK_OBJECTS)
            TRY(next_oid(cursor, custom, &oid));
        if (type == BLOCK_OBJECTS && oid == 0)
            return NULL;
        Chunks chunks = chunks_at(cursor, custom);
        TRY(skip_chunks(&chunks));
    } while (oid != 0 && cursor->damage.message == NULL);
    return NULL;
}

static uint8_t type_of(const ArchiveEntry *entry) {
    return entry->content == ARCHIVE_OBJECTS ? BLOCK_OBJECTS : BLOCK_DATA;
}

static void misplaced(FormatThread *thread, const ArchiveEntry *entry, BackupDefectKind kind, const char *message) {
    archive_defect(thread, entry, &(UnpackDamage){.kind = kind, .message = message});
}

static Err *read_known(FormatThread *thread, FormatMember *member) {
    const Custom *custom = thread->reading->context;
    const Block *block = member->what;
    const ArchiveEntry *entry = block->entry;
    Cursor cursor = cursor_at(thread, custom, entry->offset, block->limit);
    BlockStart start;
    TRY(read_block_start(&cursor, custom, &start));
    if (cursor.damage.message != NULL || start.id != (int64_t)entry->id || start.type != type_of(entry)) {
        misplaced(
            thread, entry, BACKUP_DEFECT_MISSING,
            arena_printf(thread->arena, "its data should begin at byte %" PRIu64 ", and does not", entry->offset));
        archive_unreadable(thread->reading->backup, entry, "its data is not where it should be");
        return NULL;
    }
    TRY(read_block(&cursor, custom, entry));
    if (cursor.damage.message == NULL && cursor.at != block->limit)
        misplaced(thread, entry, BACKUP_DEFECT_UNEXPECTED,
                  arena_printf(thread->arena,
                               "%" PRIu64 " bytes after its data, at byte %" PRIu64 ", belong to nothing",
                               block->limit - cursor.at, cursor.at));
    return NULL;
}

static int by_id(const void *left, const void *right) {
    uint64_t a = (*(const ArchiveEntry *const *)left)->id, b = (*(const ArchiveEntry *const *)right)->id;
    return a < b ? -1 : a > b;
}

static const ArchiveEntry *entry_of(const Custom *custom, int64_t id) {
    ArchiveEntry wanted = {.id = (uint64_t)id};
    const ArchiveEntry *key = &wanted;
    size_t count = custom->archive->entries.count;
    const ArchiveEntry *const *found = id < 0 ? NULL : bsearch(&key, custom->by_id, count, sizeof(key), by_id);
    return found == NULL ? NULL : *found;
}

static void stop(Custom *custom, FormatThread *thread, uint64_t at) {
    BackupDefect defect = {.kind = BACKUP_DEFECT_DECODE, .where = "data blocks"};
    format_defect(thread, &defect, "no data block begins at byte %" PRIu64 ": what follows cannot be found", at);
    custom->stopped = true;
}

static uint64_t *found_at(const Custom *custom, const ArchiveEntry *entry) {
    return &custom->found[entry - custom->archive->entries.items];
}

static void surplus(FormatThread *thread, const BlockStart *start, uint64_t at) {
    BackupDefect defect = {.kind = BACKUP_DEFECT_UNEXPECTED, .where = "data blocks"};
    format_defect(thread, &defect,
                  "the data block at byte %" PRIu64 " (identifier %" PRId64 ") belongs to no table, or is a second one",
                  at, start->id);
}

/* The next block that an entry waits for; *entry is NULL when there is none. The cursor stands behind its start. */
static Err *find_block(Custom *custom, Cursor *cursor, const ArchiveEntry **entry) {
    FormatThread *thread = cursor->thread;
    *entry = NULL;
    while (!custom->stopped && custom->next < custom->size) {
        BlockStart start;
        *cursor = cursor_at(thread, custom, custom->next, custom->size);
        TRY(read_block_start(cursor, custom, &start));
        if (cursor->damage.message != NULL || (start.type != BLOCK_DATA && start.type != BLOCK_OBJECTS)) {
            stop(custom, thread, custom->next);
            return NULL;
        }
        const ArchiveEntry *found = entry_of(custom, start.id);
        if (found != NULL && *found_at(custom, found) == 0 && type_of(found) == start.type) {
            if (found->place == TOC_PLACE_KNOWN && found->offset != custom->next)
                misplaced(thread, found, BACKUP_DEFECT_HEADER, "its data is not where the table of contents says");
            *found_at(custom, found) = custom->next;
            *entry = found;
            return NULL;
        }
        surplus(thread, &start, custom->next);
        TRY(skip_block(cursor, custom, start.type));
        custom->stopped = cursor->damage.message != NULL;
        custom->next = cursor->at;
    }
    return NULL;
}

static Err *read_found(Custom *custom, Cursor *cursor, const ArchiveEntry *entry) {
    TRY(read_block(cursor, custom, entry));
    if (custom->alone) {
        custom->next = cursor->at;
        custom->stopped = cursor->damage.message != NULL;
    }
    return NULL;
}

/* One turn: finds a block and, unless alone, walks over it, so that the next thread can go on behind it. */
static Err *take_turn(Custom *custom, Cursor *cursor, const ArchiveEntry **entry) {
    TRY(find_block(custom, cursor, entry));
    if (*entry == NULL || custom->alone)
        return NULL;
    Cursor ahead = *cursor;
    TRY(skip_block(&ahead, custom, type_of(*entry)));
    custom->next = ahead.at;
    custom->stopped = ahead.damage.message != NULL;
    *cursor = cursor_at(cursor->thread, custom, cursor->at, custom->size);
    return NULL;
}

static Err *read_walking(FormatThread *thread, FormatMember *member) {
    Custom *custom = thread->reading->context;
    Cursor cursor = {.thread = thread};
    const ArchiveEntry *entry = NULL;
    pthread_mutex_lock(&custom->turn);
    Err *err = take_turn(custom, &cursor, &entry);
    pthread_mutex_unlock(&custom->turn);
    return err != NULL || entry == NULL ? err : read_found(custom, &cursor, entry);
}

static bool walks(const Archive *archive) {
    LIST_EACH (ArchiveEntry, entry, archive->entries) {
        if (entry->place == TOC_PLACE_UNKNOWN)
            return true;
    }
    return false;
}

/* Bytes of the file from some place on, for a table of contents. */
typedef struct Stretch {
    Arena *arena;
    int descriptor;
    uint64_t at;
    uint8_t *buffer;
} Stretch;

static Err *stretch_next(void *context, Text *piece) {
    Stretch *stretch = context;
    size_t got;
    TRY(file_read_at(stretch->arena, stretch->descriptor, stretch->at, stretch->buffer, FORMAT_BUFFER, &got));
    stretch->at += got;
    *piece = (Text){.at = (const char *)stretch->buffer, .length = got};
    return NULL;
}

/* A second table of contents is as long as the first and ends the file. It gives the entries their places. */
static Err *find_second_toc(Backup *backup, Custom *custom) {
    Archive *archive = custom->archive;
    uint64_t length = archive->toc_end - archive->toc_begin;
    if (custom->size < archive->toc_end || custom->size - archive->toc_end < length)
        return NULL;
    Arena *scratch = arena_child(backup->arena);
    Stretch stretch = {.arena = scratch,
                       .descriptor = custom->descriptor,
                       .at = custom->size - length,
                       .buffer = arena_alloc(scratch, FORMAT_BUFFER)};
    ArchiveBytes bytes = {.more = stretch_next, .context = &stretch, .size = length};
    uint64_t *places = ARENA_ARRAY(scratch, uint64_t, archive->entries.count);
    bool second;
    TRY(archive_second_toc(backup, &bytes, places, &second));
    for (size_t i = 0; second && i < archive->entries.count; i++) {
        archive->entries.items[i].place = TOC_PLACE_KNOWN;
        archive->entries.items[i].offset = places[i];
    }
    custom->size -= second ? length : 0;
    arena_free(scratch);
    return NULL;
}

static void report_rest(Backup *backup, const Custom *custom) {
    uint64_t left = custom->next < custom->size ? custom->size - custom->next : 0;
    BackupDefect defect = {.kind = BACKUP_DEFECT_UNEXPECTED, .where = "data blocks"};
    if (left == custom->archive->toc_end - custom->archive->toc_begin)
        format_defect_add(backup, &defect, "the second table of contents, at byte %" PRIu64 ", differs from the first",
                          custom->next);
    else if (left > 0)
        format_defect_add(backup, &defect, "%" PRIu64 " bytes from byte %" PRIu64 " on belong to nothing", left,
                          custom->next);
}

static void report_missing(Backup *backup, const Custom *custom) {
    LIST_EACH (ArchiveEntry, entry, custom->archive->entries) {
        if (*found_at(custom, entry) != 0)
            continue;
        BackupDefect defect = {.kind = BACKUP_DEFECT_MISSING,
                               .where = entry->where,
                               .table = entry->table == SIZE_MAX ? NULL : entry->where};
        format_defect_add(backup, &defect, "the table of contents announces its data, which is not there");
        archive_unreadable(backup, entry, "its data is missing");
    }
}

static Err *read_by_walking(FormatReading *reading, Custom *custom) {
    Backup *backup = reading->backup;
    size_t count = custom->archive->entries.count;
    FormatMember *members = ARENA_ARRAY(backup->arena, FormatMember, count);
    custom->by_id = ARENA_ARRAY(backup->arena, const ArchiveEntry *, count);
    custom->found = ARENA_ARRAY(backup->arena, uint64_t, count);
    for (size_t i = 0; i < count; i++)
        custom->by_id[i] = &custom->archive->entries.items[i];
    qsort(custom->by_id, count, sizeof(*custom->by_id), by_id);
    custom->next = custom->archive->toc_end;
    reading->member = read_walking;
    TRY(format_read_members(reading, members, count));
    report_missing(backup, custom);
    if (!custom->stopped)
        report_rest(backup, custom);
    return NULL;
}

static int by_offset(const void *left, const void *right) {
    const Block *a = left, *b = right;
    return a->entry->offset < b->entry->offset ? -1 : a->entry->offset > b->entry->offset;
}

/* Offsets before the data or behind the end of the file cannot be read. */
static bool placed(Backup *backup, const Custom *custom, const ArchiveEntry *entry) {
    BackupDefect defect = {.where = entry->where, .table = entry->table == SIZE_MAX ? NULL : entry->where};
    if (entry->place == TOC_PLACE_KNOWN && entry->offset >= custom->archive->toc_end && entry->offset < custom->size)
        return true;
    archive_unreadable(backup, entry, "its data is missing");
    defect.kind = entry->offset >= custom->size ? BACKUP_DEFECT_TRUNCATED : BACKUP_DEFECT_HEADER;
    format_defect_add(backup, &defect,
                      "its data should begin at byte %" PRIu64 ", outside of the data (bytes %" PRIu64 " to %" PRIu64
                      ")",
                      entry->offset, custom->archive->toc_end, custom->size);
    return false;
}

/* Blocks in the order of the file, each with its limit; returns how many there are. */
static size_t lay_out(Backup *backup, const Custom *custom, Block *blocks) {
    size_t count = 0;
    LIST_EACH (ArchiveEntry, entry, custom->archive->entries) {
        if (placed(backup, custom, entry))
            blocks[count++] = (Block){.entry = entry};
    }
    if (count > 1)
        qsort(blocks, count, sizeof(*blocks), by_offset);
    for (size_t i = 0; i < count; i++)
        blocks[i].limit = i + 1 < count ? blocks[i + 1].entry->offset : custom->size;
    return count;
}

static Err *read_by_offset(FormatReading *reading, Custom *custom) {
    Backup *backup = reading->backup;
    Block *blocks = ARENA_ARRAY(backup->arena, Block, custom->archive->entries.count);
    size_t count = lay_out(backup, custom, blocks);
    FormatMember *members = ARENA_ARRAY(backup->arena, FormatMember, count);
    for (size_t i = 0; i < count; i++)
        members[i] = (FormatMember){.size = blocks[i].limit - blocks[i].entry->offset, .what = &blocks[i]};
    uint64_t first = count > 0 ? blocks[0].entry->offset : custom->size;
    BackupDefect defect = {.kind = BACKUP_DEFECT_UNEXPECTED, .where = "data blocks"};
    if (first > custom->archive->toc_end)
        format_defect_add(backup, &defect,
                          "%" PRIu64 " bytes after the table of contents, at byte %" PRIu64 ", belong to nothing",
                          first - custom->archive->toc_end, custom->archive->toc_end);
    reading->member = read_known;
    return format_read_members(reading, members, count);
}

static Err *read_all(Backup *backup, const BackupReadRequest *request) {
    FileInfo info;
    Custom custom = {.archive = backup->state, .alone = request->jobs <= 1, .turn = PTHREAD_MUTEX_INITIALIZER};
    Arena *scratch = arena_child(backup->arena);
    TRY(file_open(scratch, backup->path, &custom.descriptor, &info));
    custom.size = info.size;
    if (walks(custom.archive))
        TRY(find_second_toc(backup, &custom));
    FormatReading reading = {.backup = backup,
                             .request = request,
                             .total = walks(custom.archive) && !custom.alone ? 2 * info.size : info.size,
                             .context = &custom,
                             .start = archive_start,
                             .merge = archive_merge};
    TRY(walks(custom.archive) ? read_by_walking(&reading, &custom) : read_by_offset(&reading, &custom));
    archive_finish(backup);
    arena_free(scratch);
    return NULL;
}

static bool recognise(const FormatProbe *probe) {
    return text_starts(probe->head, "PGDMP");
}

static Err *open(Backup *backup, const FormatProbe *probe) {
    if (probe->packed != &unpack_none)
        return err_hint(backup->arena,
                        err_new(backup->arena, ERR_UNSUPPORTED, "it is a custom archive compressed as a whole with %s",
                                probe->packed->name),
                        "decompress it first; pg_restore needs that as well");
    Arena *scratch = arena_child(backup->arena);
    Stretch stretch = {.arena = backup->arena, .buffer = arena_alloc(scratch, FORMAT_BUFFER)};
    FileInfo info;
    TRY(file_open(scratch, backup->path, &stretch.descriptor, &info));
    TRY(archive_open(backup, &(ArchiveBytes){.more = stretch_next, .context = &stretch, .size = info.size}));
    arena_free(scratch);
    const Archive *archive = backup->state;
    if (archive->header.format != TOC_CUSTOM)
        return err_hint(
            backup->arena,
            err_new(backup->arena, ERR_DATA, "it is only the table of contents of a directory or tar backup"),
            "name the directory or the tar file instead");
    return NULL;
}

const Format custom_format = {.name = "custom",
                              .summary = "one compressed file, made by pg_dump -Fc",
                              .recognise = recognise,
                              .open = open,
                              .read = read_all};
