/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "pg/toc.h"

/* How an archive is written: the axes that vary. */
typedef struct Shape {
    int minor, integer_size, offset_size, format;
} Shape;

static void put_integer(Buf *buf, const Shape *shape, int64_t value) {
    uint64_t magnitude = value < 0 ? (uint64_t)-value : (uint64_t)value;
    buf_byte(buf, value < 0 ? 1 : 0);
    for (int i = 0; i < shape->integer_size; i++)
        buf_byte(buf, (char)(i < 8 ? magnitude >> (8 * i) : 0));
}

static void put_string(Buf *buf, const Shape *shape, const char *string) {
    put_integer(buf, shape, string == NULL ? -1 : (int64_t)strlen(string));
    if (string != NULL)
        buf_string(buf, string);
}

static void put_header(Buf *buf, const Shape *shape, int64_t entries) {
    buf_append(buf, "PGDMP\x01", 6);
    buf_byte(buf, (char)shape->minor);
    buf_byte(buf, 0);
    buf_byte(buf, (char)shape->integer_size);
    buf_byte(buf, (char)shape->offset_size);
    buf_byte(buf, (char)shape->format);
    if (shape->minor >= 15)
        buf_byte(buf, 3);
    else
        put_integer(buf, shape, -1);
    static const int when[] = {56, 34, 12, 23, 10, 126, 1}; /* 2026-11-23 12:34:56, daylight saving */
    for (size_t i = 0; i < 7; i++)
        put_integer(buf, shape, when[i]);
    put_string(buf, shape, "app");
    put_string(buf, shape, "17.11 (Debian 17.11-0+deb13u1)");
    put_string(buf, shape, "17.10");
    put_integer(buf, shape, entries);
}

static void put_entry(Buf *buf, const Shape *shape, int id, bool data) {
    put_integer(buf, shape, id);
    put_integer(buf, shape, data);
    put_string(buf, shape, "1259");
    put_string(buf, shape, "16385");
    put_string(buf, shape, "call \"logs\"\n");
    put_string(buf, shape, data ? "TABLE DATA" : "TABLE");
    put_integer(buf, shape, data ? 3 : 2);
    put_string(buf, shape, data ? NULL : "CREATE TABLE public.t (a integer);\n");
    put_string(buf, shape, "");
    put_string(buf, shape, data ? "COPY public.t (a) FROM stdin;\n" : NULL);
    put_string(buf, shape, "public");
    put_string(buf, shape, NULL);
    if (shape->minor >= 14)
        put_string(buf, shape, "heap");
    if (shape->minor >= 16)
        put_integer(buf, shape, 'r');
    put_string(buf, shape, "postgres");
    put_string(buf, shape, "false");
    put_string(buf, shape, "7");
    put_string(buf, shape, "12");
    put_string(buf, shape, NULL);
    if (shape->format == TOC_TAR) {
        put_string(buf, shape, data ? "3570.dat" : "");
        return;
    }
    buf_byte(buf, data ? 2 : 3);
    for (int i = 0; i < shape->offset_size; i++)
        buf_byte(buf, (char)(i < 8 && data ? UINT64_C(0x0000020103) >> (8 * i) : 0));
}

static Text archive(Arena *arena, const Shape *shape) {
    Buf *buf = buf_new(arena, 1 << 20);
    put_header(buf, shape, 2);
    put_entry(buf, shape, 5, false);
    put_entry(buf, shape, 3570, true);
    buf_string(buf, "data follows");
    return buf_view(buf);
}

typedef struct Pieces {
    Arena *arena;
    Text bytes;
    size_t at, size;
} Pieces;

static Err *next_piece(void *context, Text *piece) {
    Pieces *pieces = context;
    *piece = text_slice(pieces->bytes, pieces->at, pieces->at + pieces->size);
    pieces->at += piece->length;
    if (piece->length > 0)
        piece->at = arena_strndup(pieces->arena, piece->at, piece->length);
    return NULL;
}

typedef struct Reading {
    TocHeader header;
    uint64_t entries, offset;
    TocEntry last;
} Reading;

static Err *read_all(Arena *arena, Text bytes, size_t piece, Reading *out) {
    Pieces *pieces = ARENA_NEW(arena, Pieces);
    *pieces = (Pieces){.arena = arena, .bytes = bytes, .size = piece};
    Toc *toc = toc_new(arena, next_piece, pieces, bytes.length);
    TRY(toc_header(toc, &out->header));
    for (;;) {
        const TocEntry *entry;
        TRY(toc_next(toc, &entry));
        if (entry == NULL)
            break;
        out->entries++;
        out->last = *entry;
        out->last.tag = arena_strdup(arena, entry->tag);
        out->last.copy = arena_strdup(arena, entry->copy);
        out->last.file = arena_strdup(arena, entry->file);
        out->last.definition = arena_strdup(arena, entry->definition);
    }
    out->offset = toc_offset(toc);
    return NULL;
}

static void reads_every_version_and_size(void **state) {
    (void)state;
    for (int minor = 12; minor <= 16; minor++) {
        for (int size = 1; size <= 8; size++) {
            for (int format = 1; format <= 3; format += 2) {
                /* An integer of one byte cannot hold the dump id of the sample. */
                Shape shape = {minor, size == 1 ? 2 : size, 9 - size, format};
                Arena *arena = arena_new();
                Text bytes = archive(arena, &shape);
                Reading reading = {0};
                assert_null(read_all(arena, bytes, (size_t)size * 3, &reading));
                assert_int_equal(reading.header.minor, minor);
                assert_string_equal(reading.header.compression, minor >= 15 ? "zstd" : "gzip");
                assert_string_equal(time_text(arena, reading.header.local_time), "2026-11-23T12:34:56Z");
                assert_true(reading.header.daylight);
                assert_string_equal(reading.header.database, "app");
                assert_string_equal(reading.header.server_version, "17.11 (Debian 17.11-0+deb13u1)");
                assert_string_equal(reading.header.dump_version, "17.10");
                assert_int_equal(reading.entries, 2);
                assert_int_equal(reading.offset, bytes.length - strlen("data follows"));
                assert_int_equal(reading.last.id, 3570);
                assert_true(reading.last.has_data);
                assert_int_equal(reading.last.catalogue, 1259);
                assert_string_equal(reading.last.tag, "call \"logs\"\n");
                assert_string_equal(reading.last.copy, "COPY public.t (a) FROM stdin;\n");
                assert_string_equal(reading.last.definition, "");
                assert_int_equal(reading.last.relkind, minor >= 16 ? 'r' : 0);
                assert_string_equal(reading.last.file, format == TOC_TAR ? "3570.dat" : "");
                if (format == TOC_CUSTOM)
                    assert_int_equal(
                        reading.last.offset,
                        UINT64_C(0x20103) &
                            (shape.offset_size < 3 ? (UINT64_C(1) << 8 * shape.offset_size) - 1 : UINT64_MAX));
                arena_free(arena);
            }
        }
    }
}

static void finds_every_cut(void **state) {
    (void)state;
    Shape shape = {16, 4, 8, TOC_CUSTOM};
    Arena *arena = arena_new();
    Text bytes = archive(arena, &shape);
    for (size_t length = 0; length < bytes.length - strlen("data follows"); length++) {
        Arena *work = arena_child(arena);
        Reading reading = {0};
        Err *err = read_all(work, text_slice(bytes, 0, length), 7, &reading);
        assert_non_null(err);
        assert_true(err_is(err, ERR_DATA));
        arena_free(work);
    }
    arena_free(arena);
}

/* Text in the table of contents is covered by no checksum, so not every flip can be seen here: but none crashes, reads
 * outside or takes long, and what is not seen gives as many entries as before. */
static void survives_every_flip(void **state) {
    (void)state;
    for (int format = 1; format <= 3; format += 2) {
        Shape shape = {14, 4, 8, format};
        Arena *arena = arena_new();
        Text bytes = archive(arena, &shape);
        char *changed = text_dup(arena, bytes);
        for (size_t bit = 0; bit < bytes.length * 8; bit++) {
            Arena *work = arena_child(arena);
            Reading reading = {0};
            changed[bit / 8] ^= (char)(1 << (bit % 8));
            Err *err = read_all(work, (Text){changed, bytes.length}, 64, &reading);
            changed[bit / 8] ^= (char)(1 << (bit % 8));
            assert_true(err == NULL || err_is(err, ERR_DATA) || err_is(err, ERR_UNSUPPORTED));
            assert_true(arena_used(work) < 100000);
            arena_free(work);
        }
        arena_free(arena);
    }
}

static void refuses_claims(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int64_t entries, string; /* -2: none */
        ErrKind kind;
    } cases[] = {
        {"control", 0, -2, (ErrKind)-1},
        {"2^31 entries", INT64_C(1) << 31, -2, ERR_DATA},
        {"2^62 entries", INT64_C(1) << 62, -2, ERR_DATA},
        {"a negative count", -1, -2, ERR_DATA},
        {"a string of terabytes", 1, INT64_C(1) << 42, ERR_DATA},
        {"a negative string", 1, -5, ERR_DATA},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        Shape shape = {16, 8, 8, TOC_CUSTOM};
        Arena *arena = arena_new();
        Buf *buf = buf_new(arena, 1 << 20);
        put_header(buf, &shape, cases[c].entries);
        if (cases[c].string != -2) {
            put_integer(buf, &shape, 1);
            put_integer(buf, &shape, 0);
            put_integer(buf, &shape, cases[c].string);
        }
        for (int i = 0; i < 2000; i++)
            buf_byte(buf, 'x');
        Reading reading = {0};
        Err *err = read_all(arena, buf_view(buf), 100, &reading);
        if (cases[c].kind == (ErrKind)-1)
            assert_null(err);
        else if (err == NULL || !err_is(err, cases[c].kind))
            fail_msg("%s: %s", cases[c].name, err == NULL ? "accepted" : err_text(arena, err));
        assert_true(arena_used(arena) < 300000);
        arena_free(arena);
    }
}

static void refuses_other_headers(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t at;
        uint8_t byte;
        ErrKind kind;
    } cases[] = {
        {"another signature", 0, 'p', ERR_DATA},
        {"version 2", 5, 2, ERR_UNSUPPORTED},
        {"version 1.17", 6, 17, ERR_UNSUPPORTED},
        {"version 1.11", 6, 11, ERR_UNSUPPORTED},
        {"integers of 0 bytes", 8, 0, ERR_DATA},
        {"integers of 9 bytes", 8, 9, ERR_DATA},
        {"offsets of 0 bytes", 9, 0, ERR_DATA},
        {"offsets of 200 bytes", 9, 200, ERR_DATA},
        {"an unknown format", 10, 2, ERR_DATA},
        {"an unknown compression", 11, 4, ERR_DATA},
        {"a sign that is neither 0 nor 1", 12, 2, ERR_DATA},
    };
    Shape shape = {16, 4, 8, TOC_CUSTOM};
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        Arena *arena = arena_new();
        Text bytes = archive(arena, &shape);
        char *changed = text_dup(arena, bytes);
        Reading reading = {0};
        assert_null(read_all(arena, bytes, 64, &reading));
        changed[cases[c].at] = (char)cases[c].byte;
        Err *err = read_all(arena, (Text){changed, bytes.length}, 64, &reading);
        if (err == NULL || !err_is(err, cases[c].kind))
            fail_msg("%s: %s", cases[c].name, err == NULL ? "accepted" : err_text(arena, err));
        arena_free(arena);
    }
}

static void an_impossible_date_is_no_time(void **state) {
    (void)state;
    Shape shape = {16, 4, 8, TOC_CUSTOM};
    Arena *arena = arena_new();
    char *changed = text_dup(arena, archive(arena, &shape));
    changed[12 + 4 * 5 + 1] = 12; /* tm_mon */
    Reading reading = {0};
    assert_null(read_all(arena, (Text){changed, archive(arena, &shape).length}, 64, &reading));
    assert_true(reading.header.local_time == TIME_NONE);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_version_and_size), cmocka_unit_test(finds_every_cut),
        cmocka_unit_test(survives_every_flip),          cmocka_unit_test(refuses_claims),
        cmocka_unit_test(refuses_other_headers),        cmocka_unit_test(an_impossible_date_is_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
