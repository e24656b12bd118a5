/* SPDX-License-Identifier: PostgreSQL */
#include "reading.h"

#include <endian.h>
#include <fcntl.h>

#include "format/archive.h"
#include "pg/toc.h"

/* Where the parts of an archive are, so that each can be damaged. */
typedef struct Part {
    uint64_t id;
    uint64_t place_at; /* of the offset in the table of contents, behind its flag */
    uint64_t begin, end;
    const char *tag;
    bool objects;
} Part;

typedef struct Map {
    Text bytes;
    uint64_t data; /* where the first block begins */
    Part parts[64];
    size_t count;
} Map;

typedef struct Whole {
    Text bytes;
    bool given;
} Whole;

static Err *give_whole(void *context, Text *piece) {
    Whole *whole = context;
    *piece = whole->given ? (Text){0} : whole->bytes;
    whole->given = true;
    return NULL;
}

static int by_begin(const void *left, const void *right) {
    const Part *a = left, *b = right;
    return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* Of an archive whose table of contents knows the offsets. */
static Map map_of(Arena *arena, Text bytes) {
    Map map = {.bytes = bytes};
    Whole whole = {.bytes = bytes};
    TocHeader header;
    const TocEntry *entry;
    Toc *toc = toc_new(arena, give_whole, &whole, bytes.length);
    assert_null(toc_header(toc, &header));
    for (;;) {
        assert_null(toc_next(toc, &entry));
        if (entry == NULL)
            break;
        if (!entry->has_data)
            continue;
        assert_true(map.count < 64);
        map.parts[map.count++] = (Part){.id = entry->id,
                                        .place_at = toc_offset(toc) - 8,
                                        .begin = entry->offset,
                                        .tag = arena_strdup(arena, entry->tag),
                                        .objects = strcmp(entry->desc, "BLOBS") == 0};
    }
    map.data = toc_offset(toc);
    qsort(map.parts, map.count, sizeof(Part), by_begin);
    for (size_t i = 0; i < map.count; i++)
        map.parts[i].end = i + 1 < map.count ? map.parts[i + 1].begin : bytes.length;
    return map;
}

/* A damaged copy is written, read, and its file overwritten by the next. */
typedef struct Bench {
    Arena *arena;
    const char *path;
    int descriptor;
} Bench;

static void close_bench(void *what) {
    close(((Bench *)what)->descriptor);
}

static Bench *bench_new(Arena *arena) {
    Bench *bench = ARENA_NEW(arena, Bench);
    bench->arena = arena;
    bench->path = write_bytes(arena, scratch_directory(arena), "damaged", TEXT("x"));
    bench->descriptor = open(bench->path, O_RDWR | O_CLOEXEC);
    assert_true(bench->descriptor >= 0);
    arena_defer(arena, close_bench, bench);
    return bench;
}

static Reading read_bytes(Bench *bench, Arena *arena, Text bytes, int jobs) {
    assert_int_equal(pwrite(bench->descriptor, bytes.at, bytes.length, 0), bytes.length);
    assert_int_equal(ftruncate(bench->descriptor, (off_t)bytes.length), 0);
    return read_backup(arena, bench->path, jobs);
}

static const char *const customs[] = {"pg17/custom.dump",      "pg17/custom-plain.dump", "pg17/custom-pipe.dump",
                                      "pg17/custom-zstd.dump", "pg17/custom-lz4.dump",   "pg13/custom.dump",
                                      "pg13/custom-pipe.dump"};
#define CUSTOMS (sizeof(customs) / sizeof(customs[0]))

static void expect_cut(Bench *bench, const char *name, Text bytes, size_t length) {
    Arena *arena = arena_new();
    Reading reading = read_bytes(bench, arena, text_slice(bytes, 0, length), 1 + (int)(length % 3));
    bool seen = reading.err != NULL ? err_is(reading.err, ERR_DATA) : reading.backup->defects.count > 0;
    if (!seen)
        fail_msg("%s cut to %zu of %zu bytes: %s", name, length, bytes.length, defects_text(arena, &reading));
    arena_free(arena);
}

static void finds_every_cut(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    for (size_t c = 0; c < CUSTOMS; c++) {
        Text bytes = fixture_bytes(arena, customs[c]);
        for (size_t length = 0; length < bytes.length; length += 1 + bytes.length / 211)
            expect_cut(bench, customs[c], bytes, length);
        for (size_t tail = 1; tail < 40; tail++)
            expect_cut(bench, customs[c], bytes, bytes.length - tail);
    }
    Map map = map_of(arena, fixture_bytes(arena, "pg17/custom.dump"));
    for (size_t i = 0; i < map.count; i++) {
        expect_cut(bench, "at a block", map.bytes, map.parts[i].begin);
        expect_cut(bench, "at a block", map.bytes, map.parts[i].begin + 1);
        expect_cut(bench, "at a block", map.bytes, map.parts[i].begin + 6);
    }
    arena_free(arena);
}

/* Flips one bit of each of about `count` bytes in a range. Returns how many flips were neither found nor without
 * effect. */
static size_t flip(Bench *bench, Text bytes, size_t from, size_t to, size_t count) {
    Arena *arena = arena_new();
    char *copy = text_dup(arena, bytes);
    Reading whole = read_bytes(bench, arena, bytes, 1);
    size_t unseen = 0, step = 1 + (to - from) / count;
    for (size_t at = from; at < to; at += step) {
        Arena *work = arena_child(arena);
        char bit = (char)(1 << (at / step % 8));
        copy[at] ^= bit;
        Reading reading = read_bytes(bench, work, (Text){copy, bytes.length}, 1 + (int)(at % 2));
        copy[at] ^= bit;
        assert_true(reading.err == NULL || err_is(reading.err, ERR_DATA) || err_is(reading.err, ERR_UNSUPPORTED));
        bool found = reading.err != NULL || reading.backup->defects.count > 0;
        if (!found && !same_data(whole.backup, reading.backup))
            unseen++;
        arena_free(work);
    }
    arena_free(arena);
    return unseen;
}

/* Streams with a checksum: every flip is found, or changes nothing. */
static void finds_every_flip_in_gzip(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    Map map = map_of(arena, fixture_bytes(arena, "pg17/custom.dump"));
    assert_int_equal(flip(bench, map.bytes, map.data, map.bytes.length, 700), 0);
    map = map_of(arena, fixture_bytes(arena, "pg13/custom.dump"));
    assert_int_equal(flip(bench, map.bytes, map.data, map.bytes.length, 300), 0);
    arena_free(arena);
}

/* Without one a flip can go unseen (the backup says `unchecked`), but all are survived. */
static void survives_every_flip(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    for (size_t c = 0; c < CUSTOMS; c++) {
        Text bytes = fixture_bytes(arena, customs[c]);
        flip(bench, bytes, 0, bytes.length, 100);
        flip(bench, bytes, 0, 300, 100);
    }
    arena_free(arena);
}

/* Written by `pg_dump -Fc > file`, an archive of 17 holds its table of contents twice: each must say what the other
 * says. */
static void compares_the_second_table_of_contents(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    Text bytes = fixture_bytes(arena, "pg17/custom-pipe.dump");
    Map map = map_of(arena, fixture_bytes(arena, "pg17/custom.dump"));
    assert_true(bytes.length > map.bytes.length + 20000);
    char *copy = text_dup(arena, bytes);
    for (size_t at = 200; at < bytes.length; at += 211) {
        if (at >= map.data && at < map.bytes.length)
            continue;
        Arena *work = arena_child(arena);
        copy[at] ^= 4;
        Reading reading = read_bytes(bench, work, (Text){copy, bytes.length}, 1 + (int)(at % 2));
        copy[at] ^= 4;
        if (reading.err == NULL && reading.backup->defects.count == 0)
            fail_msg("a flip at byte %zu is unseen", at);
        arena_free(work);
    }
    arena_free(arena);
}

static void put(Buf *buf, Text bytes, uint64_t from, uint64_t to) {
    buf_append(buf, bytes.at + from, (size_t)(to - from));
}

static void finds_what_belongs_to_nothing(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    for (size_t c = 0; c < CUSTOMS; c++) {
        Text bytes = fixture_bytes(arena, customs[c]);
        for (int jobs = 1; jobs <= 2; jobs++) {
            Buf *buf = buf_new(arena, 1 << 20);
            Reading reading = read_bytes(bench, arena, bytes, jobs);
            assert_whole(&reading);
            buf_text(buf, bytes);
            buf_string(buf, "garbage");
            reading = read_bytes(bench, arena, buf_view(buf), jobs);
            assert_defect(&reading, BACKUP_DEFECT_UNEXPECTED, "belong to nothing");
        }
    }
    arena_free(arena);
}

/* The pg13 archive from a pipe: no offsets, no second table of contents. Its blocks are where pg13/custom.dump has
 * them. */
static void walks_over_blocks_in_any_order(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    Map map = map_of(arena, fixture_bytes(arena, "pg17/custom.dump"));
    Text bytes = text_slice(fixture_bytes(arena, "pg17/custom-pipe.dump"), 0, map.bytes.length);
    Reading whole = read_bytes(bench, arena, bytes, 1);
    assert_whole(&whole);
    const Part *first = &map.parts[0], *second = &map.parts[1];
    for (int jobs = 1; jobs <= 4; jobs += 3) {
        Buf *swapped = buf_new(arena, 1 << 20), *doubled = buf_new(arena, 1 << 20), *lacking = buf_new(arena, 1 << 20);
        put(swapped, bytes, 0, first->begin);
        put(swapped, bytes, second->begin, second->end);
        put(swapped, bytes, first->begin, first->end);
        put(swapped, bytes, second->end, bytes.length);
        Reading reading = read_bytes(bench, arena, buf_view(swapped), jobs);
        assert_whole(&reading);
        assert_true(same_data(whole.backup, reading.backup));

        put(doubled, bytes, 0, first->end);
        put(doubled, bytes, first->begin, bytes.length);
        reading = read_bytes(bench, arena, buf_view(doubled), jobs);
        assert_defect(&reading, BACKUP_DEFECT_UNEXPECTED, "second one");
        assert_int_equal(reading.backup->defects.count, 1);

        put(lacking, bytes, 0, first->begin);
        put(lacking, bytes, first->end, bytes.length);
        reading = read_bytes(bench, arena, buf_view(lacking), jobs);
        assert_defect(&reading, BACKUP_DEFECT_MISSING, "is not there");
        assert_int_equal(reading.backup->defects.count, 1);
    }
    arena_free(arena);
}

static void patch(char *bytes, uint64_t at, const void *with, size_t length) {
    memcpy(bytes + at, with, length);
}

static void patch_offset(char *bytes, const Part *part, uint64_t offset) {
    offset = htole64(offset);
    patch(bytes, part->place_at, &offset, 8);
}

static void finds_misplaced_blocks(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    Map map = map_of(arena, fixture_bytes(arena, "pg17/custom.dump"));
    const Part *one = &map.parts[3], *two = &map.parts[4];
    const struct {
        const char *name;
        uint64_t offset;
        BackupDefectKind kind;
    } cases[] = {
        {"beyond the end", map.bytes.length, BACKUP_DEFECT_TRUNCATED},
        {"terabytes away", UINT64_C(1) << 45, BACKUP_DEFECT_TRUNCATED},
        {"negative", UINT64_MAX, BACKUP_DEFECT_TRUNCATED},
        {"in the table of contents", 1000, BACKUP_DEFECT_HEADER},
        {"at zero", 0, BACKUP_DEFECT_HEADER},
        {"one byte on", one->begin + 1, BACKUP_DEFECT_MISSING},
        {"where another is", two->begin, BACKUP_DEFECT_MISSING},
        {"in the last block", map.bytes.length - 9, BACKUP_DEFECT_MISSING},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        char *copy = text_dup(arena, map.bytes);
        patch_offset(copy, one, cases[c].offset);
        Reading reading = read_bytes(bench, arena, (Text){copy, map.bytes.length}, 2);
        assert_defect(&reading, cases[c].kind, one->tag);
        const InventoryTable *table = inventory_resolve_table(reading.backup->inventory, one->tag, &(bool){0});
        if (table == NULL || table->count != INVENTORY_UNKNOWN)
            fail_msg("%s: %s is counted", cases[c].name, one->tag);
    }
    char *swapped = text_dup(arena, map.bytes);
    patch_offset(swapped, one, two->begin);
    patch_offset(swapped, two, one->begin);
    Reading reading = read_bytes(bench, arena, (Text){swapped, map.bytes.length}, 2);
    assert_defect(&reading, BACKUP_DEFECT_MISSING, one->tag);
    assert_defect(&reading, BACKUP_DEFECT_MISSING, two->tag);
    assert_int_equal(reading.backup->defects.count, 2);
    arena_free(arena);
}

/* Every entry claims the whole rest of the file as its own: read in the time of one file, not of many. */
static void overlapping_blocks_are_read_once(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    Map map = map_of(arena, fixture_bytes(arena, "pg17/custom-plain.dump"));
    char *copy = text_dup(arena, map.bytes);
    for (size_t i = 0; i < map.count; i++)
        patch_offset(copy, &map.parts[i], map.data);
    Reading reading = read_bytes(bench, arena, (Text){copy, map.bytes.length}, 2);
    assert_null(reading.err);
    assert_true(reading.backup->defects.count >= map.count - 1);
    assert_true(reading.backup->raw_bytes <= map.bytes.length);
    arena_free(arena);
}

static void refuses_claims_of_chunks(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint8_t length[5];
        BackupDefectKind kind;
    } cases[] = {
        {"2 GiB", {0, 0xff, 0xff, 0xff, 0x7f}, BACKUP_DEFECT_TRUNCATED},
        {"4 GiB", {0, 0xff, 0xff, 0xff, 0xff}, BACKUP_DEFECT_TRUNCATED},
        {"negative", {1, 5, 0, 0, 0}, BACKUP_DEFECT_DECODE},
        {"a sign of 7", {7, 5, 0, 0, 0}, BACKUP_DEFECT_DECODE},
        {"nothing", {0, 0, 0, 0, 0}, BACKUP_DEFECT_TRUNCATED},
    };
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    Map map = map_of(arena, fixture_bytes(arena, "pg17/custom.dump"));
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        for (size_t i = 0; i < map.count; i++) {
            /* Behind the type and the identifier; a block of large objects has an oid there first. */
            char *copy = text_dup(arena, map.bytes);
            patch(copy, map.parts[i].begin + (map.parts[i].objects ? 11 : 6), cases[c].length, 5);
            Reading reading = read_bytes(bench, arena, (Text){copy, map.bytes.length}, 2);
            if (reading.err != NULL || reading.backup->defects.count == 0)
                fail_msg("%s in %s: %s", cases[c].name, map.parts[i].tag, defects_text(arena, &reading));
            if (!map.parts[i].objects)
                assert_int_equal(reading.backup->defects.items[0].kind, cases[c].kind);
        }
    }
    arena_free(arena);
}

/* COPY rows stand in the clear in an uncompressed archive: each change must be judged. */
static void judges_rows(void **state) {
    (void)state;
    static const struct {
        const char *name, *find, *with;
        size_t length;
        BackupDefectKind kind;
    } cases[] = {
        {"a tab gone", "\t", "x", 1, BACKUP_DEFECT_COPY},
        {"a newline gone", "\n", "x", 1, BACKUP_DEFECT_COPY},
        {"a NUL byte", "\t", "\0", 1, BACKUP_DEFECT_COPY},
        {"no end", "\\.\n", "xx\n", 3, BACKUP_DEFECT_TRUNCATED},
        {"an end too early", "\n", "\n\\.\n", 4, BACKUP_DEFECT_UNEXPECTED}, /* and a row without its end */
    };
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    Map map = map_of(arena, fixture_bytes(arena, "pg17/custom-plain.dump"));
    const Part *part = NULL;
    for (size_t i = 0; i < map.count; i++) {
        if (strcmp(map.parts[i].tag, "appointments") == 0)
            part = &map.parts[i];
    }
    assert_non_null(part);
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        char *copy = text_dup(arena, map.bytes);
        size_t length = strlen(cases[c].find);
        char *found = memmem(copy + part->begin + 200, part->end - part->begin, cases[c].find, length);
        assert_non_null(found);
        memcpy(found + length - cases[c].length, cases[c].with, cases[c].length);
        Reading reading = read_bytes(bench, arena, (Text){copy, map.bytes.length}, 2);
        if (reading.err != NULL || find_defect(reading.backup, cases[c].kind, "appointments") == NULL)
            fail_msg("%s: %s", cases[c].name, defects_text(arena, &reading));
        LIST_EACH (const BackupDefect, defect, reading.backup->defects)
            assert_string_equal(defect->table, "public.appointments");
    }
    arena_free(arena);
}

/* An archive made here: one table, its data as given. */
static void put_integer(Buf *buf, int64_t value) {
    buf_byte(buf, value < 0);
    for (int i = 0; i < 4; i++)
        buf_byte(buf, (char)((value < 0 ? -value : value) >> (8 * i)));
}

static void put_string(Buf *buf, const char *string) {
    put_integer(buf, string == NULL ? -1 : (int64_t)strlen(string));
    buf_string(buf, string == NULL ? "" : string);
}

static void put_entry(Buf *buf, int id, const char *const texts[3], bool data) {
    put_integer(buf, id);
    put_integer(buf, data);
    put_string(buf, "1259");
    put_string(buf, "16385");
    put_string(buf, "t");
    put_string(buf, texts[0]);
    put_integer(buf, data ? 3 : 2);
    put_string(buf, texts[1]);
    put_string(buf, "");
    put_string(buf, texts[2]);
    put_string(buf, "public");
    put_string(buf, "");
    put_string(buf, "postgres");
    put_string(buf, "false");
    put_string(buf, NULL);
    buf_byte(buf, data ? 1 : 3);
    buf_append(buf, "\0\0\0\0\0\0\0\0", 8);
}

static Text made_archive(Arena *arena, const char *copy, Text data, bool standard_strings) {
    Buf *buf = buf_new(arena, 1 << 20);
    buf_append(buf, "PGDMP\x01\x0c\x00\x04\x08\x01", 11);
    put_integer(buf, 0);
    static const int when[] = {56, 34, 12, 23, 10, 112, 0};
    for (size_t i = 0; i < 7; i++)
        put_integer(buf, when[i]);
    put_string(buf, "app");
    put_string(buf, "9.2.24");
    put_string(buf, "9.2.24");
    put_integer(buf, 4);
    put_entry(buf, 1, (const char *[]){"ENCODING", "SET client_encoding = 'UTF8';\n", ""}, false);
    put_entry(buf, 2,
              (const char *[]){"STDSTRINGS",
                               standard_strings ? "SET standard_conforming_strings = 'on';\n"
                                                : "SET standard_conforming_strings = 'off';\n",
                               ""},
              false);
    put_entry(buf, 3, (const char *[]){"TABLE", "CREATE TABLE t (a integer, b text);\n", ""}, false);
    put_entry(buf, 4, (const char *[]){"TABLE DATA", "", copy}, true);
    buf_byte(buf, 1);
    put_integer(buf, 4);
    put_integer(buf, (int64_t)data.length);
    buf_text(buf, data);
    put_integer(buf, 0);
    return buf_view(buf);
}

/* PostgreSQL 9.2: version 1.12, names without schema in the COPY statement, INSERTs in the other styles. */
static void reads_rows_of_every_style(void **state) {
    (void)state;
    static const struct {
        const char *name, *copy, *data;
        uint64_t rows;
        bool standard_strings, whole;
        BackupDefectKind kind;
    } cases[] = {
        {"COPY", "COPY t (a, b) FROM stdin;\n", "1\ta\n2\tb\n\\.\n\n\n", 2, true, true, 0},
        {"COPY with oids", "COPY t (a, b) WITH OIDS FROM stdin;\n", "900\t1\ta\n\\.\n\n\n", 1, true, true, 0},
        {"INSERT", "", "INSERT INTO t VALUES (1, 'a;('); \nINSERT INTO t VALUES (2, 'b\n''c');\n\n\n", 2, true, true,
         0},
        {"rows per INSERT", "", "INSERT INTO t VALUES\n\t(1, 'a'),\n\t(2, 'b'),\n\t(3, NULL);\n\n", 3, true, true, 0},
        {"INSERT, backslashes escape", "", "INSERT INTO t VALUES (1, 'a\\'); INSERT INTO t VALUES (');\n", 1, false,
         true, 0},
        {"INSERT, backslashes do not", "", "INSERT INTO t VALUES (1, 'a\\'); INSERT INTO t VALUES (2, '');\n", 2, true,
         true, 0},
        {"no rows", "", "\n\n", 0, true, true, 0},
        {"a cut INSERT", "", "INSERT INTO t VALUES (1, 'a');\nINSERT INTO t VALUES (2, 'b", 1, true, false,
         BACKUP_DEFECT_TRUNCATED},
        {"another statement", "", "INSERT INTO t VALUES (1, 'a');\nDROP TABLE t;\n", 1, true, false,
         BACKUP_DEFECT_COPY},
        {"INSERT from a query", "", "INSERT INTO t SELECT 1, 'a';\n", 0, true, false, BACKUP_DEFECT_COPY},
        {"COPY of another format", "COPY t (a, b) FROM stdin WITH (FORMAT csv);\n", "1,a\n\\.\n\n\n", 1, true, false,
         BACKUP_DEFECT_HEADER},
    };
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        Text bytes = made_archive(arena, cases[c].copy, text_of(cases[c].data), cases[c].standard_strings);
        Reading reading = read_bytes(bench, arena, bytes, 1);
        if (!cases[c].whole) {
            assert_defect(&reading, cases[c].kind, "");
            continue;
        }
        if (reading.err != NULL || reading.backup->defects.count > 0)
            fail_msg("%s: %s", cases[c].name, defects_text(arena, &reading));
        const InventoryTable *table = inventory_find_table(reading.backup->inventory, "", "public", "t");
        assert_non_null(table);
        assert_int_equal(reading.backup->inventory->tables.count, 1);
        assert_int_equal(table->count, INVENTORY_EXACT);
        if (table->rows != cases[c].rows)
            fail_msg("%s: %" PRIu64 " rows", cases[c].name, table->rows);
        bool copied = cases[c].copy[0] != '\0';
        assert_int_equal(table->digested, copied);
        assert_int_equal(table->undigested_why != NULL, !copied);
        assert_int_equal(reading.backup->insert_style, !copied);
        assert_int_equal(reading.backup->server_major, 9);
    }
    arena_free(arena);
}

/* The header's clock has no zone: see archive.c. The file's time is the end of the dump, if nobody copied it. */
static void reads_the_clock(void **state) {
    (void)state;
    static const struct {
        const char *modified, *taken;
    } cases[] = {
        {"2012-11-23 12:35:00Z", "2012-11-23T12:34:56Z"}, /* the zone is UTC */
        {"2012-11-25 00:00:00Z", "2012-11-23T12:34:56Z"}, /* copied later: nothing can be said */
        {"2012-11-23 20:00:00Z", "2012-11-23T12:34:56Z"}, /* west of UTC, or copied: never younger than stated */
        {"2012-11-23 10:35:10Z", "2012-11-23T10:34:56Z"}, /* two hours east */
        {"2012-11-23 07:10:00Z", "2012-11-23T07:04:56Z"}, /* five and a half hours east */
        {"2012-11-20 00:00:00Z", "2012-11-23T12:34:56Z"}, /* no zone explains that */
    };
    Arena *arena = arena_new();
    Bench *bench = bench_new(arena);
    Text bytes = made_archive(arena, "COPY t (a, b) FROM stdin;\n", TEXT("1\ta\n\\.\n\n\n"), true);
    read_bytes(bench, arena, bytes, 1);
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        Time modified;
        assert_true(time_parse(text_of(cases[c].modified), &modified));
        struct timespec times[2] = {{.tv_sec = modified / TIME_SECOND}, {.tv_sec = modified / TIME_SECOND}};
        assert_int_equal(futimens(bench->descriptor, times), 0);
        Backup *backup;
        assert_null(backup_open(arena, bench->path, &backup));
        assert_string_equal(time_text(arena, backup->taken_at), cases[c].taken);
        assert_true(backup->taken_at_stated);
        assert_non_null(backup->taken_at_note);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_cut),
        cmocka_unit_test(finds_every_flip_in_gzip),
        cmocka_unit_test(survives_every_flip),
        cmocka_unit_test(compares_the_second_table_of_contents),
        cmocka_unit_test(finds_what_belongs_to_nothing),
        cmocka_unit_test(walks_over_blocks_in_any_order),
        cmocka_unit_test(finds_misplaced_blocks),
        cmocka_unit_test(overlapping_blocks_are_read_once),
        cmocka_unit_test(refuses_claims_of_chunks),
        cmocka_unit_test(judges_rows),
        cmocka_unit_test(reads_rows_of_every_style),
        cmocka_unit_test(reads_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
