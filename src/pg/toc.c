/* SPDX-License-Identifier: PostgreSQL */
#include "pg/toc.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

#define TOC_MINOR_OLDEST 12
#define TOC_MINOR_NEWEST 16
#define TOC_MINOR_ACCESS_METHOD 14
#define TOC_MINOR_ALGORITHM 15
#define TOC_MINOR_RELKIND 16

/* Far above any definition, far below what would hurt. */
#define TOC_STRING_MAXIMUM ((size_t)256 << 20)

/* An entry's strings, each in a buffer that the next entry uses again. */
typedef enum Field {
    FIELD_CATALOGUE,
    FIELD_OID,
    FIELD_TAG,
    FIELD_DESC,
    FIELD_DEFINITION,
    FIELD_DROP,
    FIELD_COPY,
    FIELD_SCHEMA,
    FIELD_TABLESPACE,
    FIELD_ACCESS_METHOD,
    FIELD_OWNER,
    FIELD_WITH_OIDS,
    FIELD_DEPENDENCY,
    FIELD_FILE,
    FIELD_COUNT,
} Field;

struct Toc {
    Arena *arena;
    TocMore more;
    void *context;
    Text piece;
    uint64_t offset, size;
    TocHeader header;
    uint64_t read; /* entries so far */
    Buf *fields[FIELD_COUNT];
    TocEntry entry;
};

Toc *toc_new(Arena *arena, TocMore more, void *context, uint64_t size) {
    Toc *toc = ARENA_NEW(arena, Toc);
    *toc = (Toc){.arena = arena, .more = more, .context = context, .size = size};
    for (size_t i = 0; i < FIELD_COUNT; i++)
        toc->fields[i] = buf_new(arena, TOC_STRING_MAXIMUM);
    return toc;
}

uint64_t toc_offset(const Toc *toc) {
    return toc->offset;
}

/* Where the reader stands, for messages. */
static const char *position(const Toc *toc) {
    if (toc->read == 0)
        return arena_printf(toc->arena, "in the header, at byte %" PRIu64, toc->offset);
    return arena_printf(toc->arena, "in entry %" PRIu64 " of %" PRIu64 ", at byte %" PRIu64, toc->read,
                        toc->header.entries, toc->offset);
}

static Err *ends_early(const Toc *toc) {
    return err_new(toc->arena, ERR_DATA, "the archive ends inside its table of contents (%s)", position(toc));
}

static Err *malformed(const Toc *toc, const char *what) {
    return err_new(toc->arena, ERR_DATA, "the table of contents is damaged: %s (%s)", what, position(toc));
}

/* At least one byte in toc->piece. */
static Err *ensure(Toc *toc) {
    if (toc->piece.length > 0)
        return NULL;
    TRY(toc->more(toc->context, &toc->piece));
    return toc->piece.length == 0 ? ends_early(toc) : NULL;
}

static void advance(Toc *toc, size_t length) {
    toc->piece.at += length;
    toc->piece.length -= length;
    toc->offset += length;
}

static Err *read_byte(Toc *toc, uint8_t *out) {
    TRY(ensure(toc));
    *out = (uint8_t)toc->piece.at[0];
    advance(toc, 1);
    return NULL;
}

static Err *read_magnitude(Toc *toc, int size, uint64_t *out) {
    *out = 0;
    for (int i = 0; i < size; i++) {
        uint8_t byte;
        TRY(read_byte(toc, &byte));
        *out |= (uint64_t)byte << (8 * i);
    }
    return NULL;
}

static Err *read_integer(Toc *toc, int64_t *out) {
    uint8_t sign;
    uint64_t magnitude;
    TRY(read_byte(toc, &sign));
    TRY(read_magnitude(toc, toc->header.integer_size, &magnitude));
    if (sign > 1 || (sign == 1 && magnitude == 0) || magnitude > INT64_MAX)
        return malformed(toc, "an impossible integer");
    *out = sign == 1 ? -(int64_t)magnitude : (int64_t)magnitude;
    return NULL;
}

static Err *read_between(Toc *toc, int64_t low, int64_t high, int64_t *out) {
    TRY(read_integer(toc, out));
    if (*out < low || *out > high)
        return malformed(
            toc, arena_printf(toc->arena, "%" PRId64 " where %" PRId64 " to %" PRId64 " is possible", *out, low, high));
    return NULL;
}

static Err *read_bytes(Toc *toc, Buf *buf, uint64_t length) {
    while (length > 0) {
        TRY(ensure(toc));
        size_t part = toc->piece.length < length ? toc->piece.length : (size_t)length;
        const char *nul = memchr(toc->piece.at, 0, part);
        if (nul != NULL) {
            advance(toc, (size_t)(nul - toc->piece.at));
            return malformed(toc, "a NUL byte inside a string");
        }
        if (!buf_append(buf, toc->piece.at, part))
            return err_new(toc->arena, ERR_LIMIT, "a string of the table of contents is too long (%s)", position(toc));
        advance(toc, part);
        length -= part;
    }
    return NULL;
}

/* *present is false for NULL; the buffer is then empty. */
static Err *read_string(Toc *toc, Buf *buf, bool *present) {
    buf_clear(buf);
    int64_t length;
    TRY(read_integer(toc, &length));
    *present = length >= 0;
    if (length == -1)
        return NULL;
    if (length < 0 || (uint64_t)length > toc->size - toc->offset)
        return malformed(toc, arena_printf(toc->arena, "a string that claims %" PRId64 " bytes", length));
    return read_bytes(toc, buf, (uint64_t)length);
}

static Err *read_field(Toc *toc, Field field, const char **out) {
    Buf *buf = toc->fields[field];
    bool present;
    TRY(read_string(toc, buf, &present));
    *out = present && buf->length > 0 ? buf->at : "";
    return NULL;
}

static Err *read_oid(Toc *toc, Field field, uint32_t *out) {
    const char *text;
    TRY(read_field(toc, field, &text));
    uint64_t number;
    if (!text_to_u64(text_of(text), &number) || number > UINT32_MAX)
        return malformed(toc, "an object identifier that is no number");
    *out = (uint32_t)number;
    return NULL;
}

static Err *read_signature(Toc *toc) {
    static const char magic[] = "PGDMP";
    for (size_t i = 0; i < sizeof(magic) - 1; i++) {
        uint8_t byte;
        TRY(read_byte(toc, &byte));
        if (byte != (uint8_t)magic[i])
            return err_new(toc->arena, ERR_DATA, "this is no pg_dump archive: it does not begin with PGDMP");
    }
    return NULL;
}

static Err *read_version(Toc *toc) {
    uint8_t major, minor, revision;
    TRY(read_byte(toc, &major));
    TRY(read_byte(toc, &minor));
    TRY(read_byte(toc, &revision));
    toc->header.minor = minor;
    toc->header.revision = revision;
    if (major > 1 || (major == 1 && minor > TOC_MINOR_NEWEST)) {
        Err *err = err_new(toc->arena, ERR_UNSUPPORTED,
                           "archive version %d.%d is newer than 1.%d, the newest this lifeboat reads", major, minor,
                           TOC_MINOR_NEWEST);
        return err_hint(toc->arena, err, "update lifeboat, or dump with pg_dump 18 or older");
    }
    if (major < 1 || minor < TOC_MINOR_OLDEST)
        return err_new(toc->arena, ERR_UNSUPPORTED, "archive version %d.%d is older than 1.%d (PostgreSQL 9.0)", major,
                       minor, TOC_MINOR_OLDEST);
    return NULL;
}

static Err *read_sizes(Toc *toc) {
    uint8_t integer_size, offset_size, format;
    TRY(read_byte(toc, &integer_size));
    TRY(read_byte(toc, &offset_size));
    TRY(read_byte(toc, &format));
    if (integer_size < 1 || integer_size > 8 || offset_size < 1 || offset_size > 8)
        return malformed(toc,
                         arena_printf(toc->arena, "integers of %d and offsets of %d bytes", integer_size, offset_size));
    if (format != TOC_CUSTOM && format != TOC_TAR)
        return malformed(toc, arena_printf(toc->arena, "archive format %d", format));
    toc->header.integer_size = integer_size;
    toc->header.offset_size = offset_size;
    toc->header.format = (TocFormat)format;
    return NULL;
}

/* Since 1.15 an algorithm (common/compression.h), before that zlib's level. */
static Err *read_compression(Toc *toc) {
    static const char *const names[] = {"none", "gzip", "lz4", "zstd"};
    if (toc->header.minor >= TOC_MINOR_ALGORITHM) {
        uint8_t algorithm;
        TRY(read_byte(toc, &algorithm));
        if (algorithm >= sizeof(names) / sizeof(names[0]))
            return malformed(toc, arena_printf(toc->arena, "compression algorithm %d", algorithm));
        toc->header.compression = names[algorithm];
        return NULL;
    }
    int64_t level;
    TRY(read_between(toc, -1, 9, &level));
    toc->header.compression = level == 0 ? "none" : "gzip";
    return NULL;
}

/* struct tm, field by field, in the order of ReadHead. */
static Err *read_creation(Toc *toc) {
    int64_t field[7];
    for (size_t i = 0; i < 7; i++)
        TRY(read_integer(toc, &field[i]));
    toc->header.local_time = TIME_NONE;
    toc->header.daylight = field[6] > 0;
    for (size_t i = 0; i < 6; i++) {
        if (field[i] < 0 || field[i] > 9999)
            return NULL;
    }
    if (!time_from_fields((int)field[5] + 1900, (int)field[4] + 1, (int)field[3], (int)field[2], (int)field[1],
                          (int)field[0], &toc->header.local_time))
        toc->header.local_time = TIME_NONE;
    return NULL;
}

static Err *read_kept_string(Toc *toc, const char **out) {
    bool present;
    TRY(read_string(toc, toc->fields[0], &present));
    *out = arena_strndup(toc->arena, toc->fields[0]->at == NULL ? "" : toc->fields[0]->at, toc->fields[0]->length);
    return NULL;
}

/* Every entry has at least an identifier, a flag, a section and nine strings, each an integer or more. */
static Err *read_count(Toc *toc) {
    int64_t count;
    TRY(read_integer(toc, &count));
    uint64_t least = 12 * (uint64_t)(toc->header.integer_size + 1);
    if (count < 0 || (uint64_t)count > (toc->size - toc->offset) / least)
        return malformed(toc, arena_printf(toc->arena, "%" PRId64 " entries announced, more than fit", count));
    toc->header.entries = (uint64_t)count;
    return NULL;
}

Err *toc_header(Toc *toc, TocHeader *out) {
    TRY(read_signature(toc));
    TRY(read_version(toc));
    TRY(read_sizes(toc));
    TRY(read_compression(toc));
    TRY(read_creation(toc));
    TRY(read_kept_string(toc, &toc->header.database));
    TRY(read_kept_string(toc, &toc->header.server_version));
    TRY(read_kept_string(toc, &toc->header.dump_version));
    TRY(read_count(toc));
    *out = toc->header;
    return NULL;
}

Err *toc_again(Toc *toc, const TocHeader *header) {
    toc->header = *header;
    return read_count(toc);
}

static Err *read_identity(Toc *toc, TocEntry *entry) {
    int64_t id, has_data;
    TRY(read_between(toc, 1, INT32_MAX, &id));
    TRY(read_between(toc, 0, 1, &has_data));
    entry->id = (uint64_t)id;
    entry->has_data = has_data == 1;
    TRY(read_oid(toc, FIELD_CATALOGUE, &entry->catalogue));
    return read_oid(toc, FIELD_OID, &entry->oid);
}

static Err *read_texts(Toc *toc, TocEntry *entry) {
    int64_t section, relkind = 0;
    TRY(read_field(toc, FIELD_TAG, &entry->tag));
    TRY(read_field(toc, FIELD_DESC, &entry->desc));
    TRY(read_between(toc, 1, 4, &section));
    entry->section = (int)section;
    TRY(read_field(toc, FIELD_DEFINITION, &entry->definition));
    TRY(read_field(toc, FIELD_DROP, &entry->drop));
    TRY(read_field(toc, FIELD_COPY, &entry->copy));
    TRY(read_field(toc, FIELD_SCHEMA, &entry->schema));
    TRY(read_field(toc, FIELD_TABLESPACE, &entry->tablespace));
    entry->access_method = "";
    if (toc->header.minor >= TOC_MINOR_ACCESS_METHOD)
        TRY(read_field(toc, FIELD_ACCESS_METHOD, &entry->access_method));
    if (toc->header.minor >= TOC_MINOR_RELKIND)
        TRY(read_between(toc, 0, 127, &relkind));
    entry->relkind = (char)relkind;
    return read_field(toc, FIELD_OWNER, &entry->owner);
}

static Err *read_with_oids(Toc *toc, TocEntry *entry) {
    const char *text;
    TRY(read_field(toc, FIELD_WITH_OIDS, &text));
    entry->with_oids = strcmp(text, "true") == 0;
    if (!entry->with_oids && strcmp(text, "false") != 0)
        return malformed(toc, "a flag that is neither true nor false");
    return NULL;
}

/* Identifiers as decimal strings, ended by NULL. They order a restore; a reader only wants to know when they changed.
 */
static Err *read_dependencies(Toc *toc, TocEntry *entry) {
    for (;;) {
        bool present;
        uint64_t id;
        TRY(read_string(toc, toc->fields[FIELD_DEPENDENCY], &present));
        if (!present)
            return NULL;
        if (!text_to_u64(buf_view(toc->fields[FIELD_DEPENDENCY]), &id) || id > INT32_MAX)
            return malformed(toc, "a dependency that is no number");
        entry->needs = entry->needs * 0x9e3779b97f4a7c15u + id + 1;
    }
}

static Err *read_place(Toc *toc, TocEntry *entry) {
    entry->place = TOC_PLACE_NONE;
    entry->file = "";
    if (toc->header.format == TOC_TAR)
        return read_field(toc, FIELD_FILE, &entry->file);
    uint8_t place;
    TRY(read_byte(toc, &place));
    if (place < TOC_PLACE_UNKNOWN || place > TOC_PLACE_NONE)
        return malformed(toc, arena_printf(toc->arena, "data offset flag %d", place));
    entry->place = (TocPlace)place;
    TRY(read_magnitude(toc, toc->header.offset_size, &entry->offset));
    if (entry->place != TOC_PLACE_KNOWN && entry->offset != 0)
        return malformed(toc, "an offset where none is known");
    return NULL;
}

Err *toc_next(Toc *toc, const TocEntry **out) {
    *out = NULL;
    if (toc->read == toc->header.entries)
        return NULL;
    toc->read++;
    TocEntry *entry = &toc->entry;
    *entry = (TocEntry){0};
    TRY(read_identity(toc, entry));
    TRY(read_texts(toc, entry));
    TRY(read_with_oids(toc, entry));
    TRY(read_dependencies(toc, entry));
    TRY(read_place(toc, entry));
    *out = entry;
    return NULL;
}
