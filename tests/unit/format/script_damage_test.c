/* SPDX-License-Identifier: PostgreSQL */
#include "reading.h"

#include <stdio.h>
#include <sys/resource.h>

/* Something of everything that a script can be cut in. */
static const char script[] =
    "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from database version 17.11\n\n"
    "SET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n\n"
    "CREATE FUNCTION public.f(a integer) RETURNS text LANGUAGE plpgsql AS $_$BEGIN; RETURN '$$'; END;$_$;\n\n"
    "CREATE TABLE public.\"We\"\"ird; t\" (\n    a integer,\n    b text DEFAULT 'x;\n--'\n);\n\n"
    "CREATE TABLE public.u (\n    a integer\n);\n\nCREATE TABLE public.v (a integer);\n\n"
    "--\n-- Data for Name: We\"ird; t; Type: TABLE DATA; Schema: public; Owner: x\n--\n\n"
    "COPY public.\"We\"\"ird; t\" (a, b) FROM stdin;\n1\tone\n2\t\\N\n3\t\\\\.\n\\.\n\n\n"
    "--\n-- Data for Name: u; Type: TABLE DATA; Schema: public; Owner: x\n--\n\n"
    "INSERT INTO public.u VALUES (1),\n\t(2);\nINSERT INTO public.u VALUES (3) ON CONFLICT DO NOTHING;\n\n\n"
    "SELECT pg_catalog.setval('public.q', 3, true);\n\nSELECT pg_catalog.lo_create('5');\n\nBEGIN;\n\n"
    "SELECT pg_catalog.lo_open('5', 131072);\nSELECT pg_catalog.lowrite(0, '\\x6869');\nSELECT "
    "pg_catalog.lo_close(0);\n\n"
    "COMMIT;\n\nALTER TABLE ONLY public.u\n    ADD CONSTRAINT u_pkey PRIMARY KEY (a); /* done */\n\n\n"
    "--\n-- PostgreSQL database dump complete";
static const char behind[] = "\n--\n\n\\unrestrict abc\n\n";

static uint64_t rows_of(const char *name) {
    return strcmp(name, "We\"ird; t") == 0 || strcmp(name, "u") == 0 ? 3 : 0;
}

/* Nothing that is printed can drive a terminal. */
static void assert_printable(const char *text) {
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        assert_true((unsigned char)*at >= 0x20 && *at != 0x7F);
}

static void assert_printable_defects(const Backup *backup) {
    LIST_EACH (const BackupDefect, defect, backup->defects) {
        assert_printable(defect->where);
        assert_printable(defect->message);
        assert_printable(defect->table);
    }
}

/* As write_bytes, without waiting for the disk: for files by the thousand. */
static const char *put(Arena *arena, const char *directory, Text bytes) {
    const char *path = file_join(arena, directory, "x.sql");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.length, file), bytes.length);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* Cut anywhere, a script is found to be cut, and no table is counted short. */
static void finds_every_cut(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    const char *whole = arena_printf(arena, "%s%s", script, behind);
    for (size_t length = 40; length <= strlen(whole); length++) {
        Arena *work = arena_child(arena);
        const char *path = put(work, directory, (Text){whole, length});
        Reading reading = read_backup(work, path, 1 + (int)(length % 2));
        assert_null(reading.err);
        /* Behind the closing line nothing of value can be lost, and half a comment may or may not be called a defect.
         */
        bool complete = length >= strlen(script),
             behind_end = complete && length > strlen(script) && whole[length] != '\0';
        if (!behind_end && (complete != (reading.backup->defects.count == 0) ||
                            complete != (find_defect(reading.backup, BACKUP_DEFECT_TRUNCATED, "") == NULL)))
            fail_msg("cut at %zu: %s", length, defects_text(work, &reading));
        LIST_EACH (const InventoryTable, table, reading.backup->inventory->tables) {
            if (table->count == INVENTORY_EXACT && table->rows != rows_of(table->name))
                fail_msg("cut at %zu: %s has %" PRIu64 " rows", length, table->name, table->rows);
            if (complete && !behind_end && strcmp(table->name, "v") != 0)
                assert_int_equal(table->count, INVENTORY_EXACT);
        }
        if (!behind_end)
            assert_int_equal(reading.backup->inventory->large_objects_known, complete);
        assert_printable_defects(reading.backup);
        arena_free(work);
    }
    arena_free(arena);
}

/* A cut gzip stream, whether its last block came out or not. */
static void finds_cut_streams(void **state) {
    (void)state;
    static const char *const names[] = {"pg17/script.sql.gz", "pg17/script.sql.zstd", "pg17/script.sql.lz4"};
    for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++) {
        Arena *arena = arena_new();
        const char *directory = scratch_directory(arena);
        Text whole = fixture_bytes(arena, names[at]);
        for (size_t cut = 1; cut < whole.length / 2; cut = cut * 3 / 2 + 1) {
            Arena *work = arena_child(arena);
            Reading reading = read_backup(
                work, write_bytes(work, directory, "x.backup", text_slice(whole, 0, whole.length - cut)), 2);
            assert_defect(&reading, BACKUP_DEFECT_TRUNCATED, "");
            assert_false(reading.backup->read_whole);
            arena_free(work);
        }
        arena_free(arena);
    }
}

/* Streams one after the other are one file; what is wrong in the second is found. */
static void reads_concatenated_streams(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    Text gz = fixture_bytes(arena, "pg17/script.sql.gz");
    Buf *twice = buf_new(arena, gz.length * 2 + 100);
    buf_text(twice, gz);
    buf_text(twice, gz);
    Reading reading = read_backup(arena, write_bytes(arena, directory, "x.sql.gz", buf_view(twice)), 2);
    assert_defect(&reading, BACKUP_DEFECT_UNEXPECTED, "second block");
    assert_true(reading.backup->read_whole);
    twice->length -= 100;
    reading = read_backup(arena, write_bytes(arena, directory, "x.sql.gz", buf_view(twice)), 2);
    assert_defect(&reading, BACKUP_DEFECT_TRUNCATED, "");
    twice->length = gz.length;
    buf_string(twice, "garbage");
    reading = read_backup(arena, write_bytes(arena, directory, "x.sql.gz", buf_view(twice)), 2);
    assert_true(reading.backup->defects.count > 0);
    arena_free(arena);
}

/* Any byte changed to any of these: an answer, and the same with one thread and with two. */
static void survives_flips(void **state) {
    (void)state;
    static const char values[] = {'\0', '\n', '\'', '"', '\\', ';', '$', '(', '-', '\x1b', (char)0xFF};
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    for (size_t at = 40; at < strlen(script); at++) {
        for (size_t value = at % 3; value < sizeof(values); value += 3) {
            Arena *work = arena_child(arena);
            char *bytes = arena_printf(work, "%s%s", script, behind);
            size_t length = strlen(bytes);
            bytes[at] = values[value];
            const char *path = put(work, directory, (Text){bytes, length});
            Reading one = read_backup(work, path, 1), two = read_backup(work, path, 2);
            assert_null(one.err);
            assert_null(two.err);
            assert_string_equal(defects_text(work, &one), defects_text(work, &two));
            assert_true(same_data(one.backup, two.backup));
            assert_printable_defects(one.backup);
            arena_free(work);
        }
    }
    arena_free(arena);
}

static void writes_names_safely(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    static const char hostile[] =
        "--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.\"\x1b[2J\nx\" (a integer);\n"
        "COPY public.\"\x1b[2J\nx\" (a) FROM stdin;\n1\t2\n\\.\n\\\x1b]0;x\x07\n\x1b;\n"
        "INSERT INTO \"\x1b[2J\" VALUES (1), (2, 3);\n\\connect \x1b[31m\n"
        "COPY public.\"\x1b[2J\nx\" (a) FROM stdin;\n1";
    Reading reading = read_backup(arena, write_bytes(arena, directory, "x.sql", text_of(hostile)), 1);
    assert_null(reading.err);
    assert_true(reading.backup->defects.count >= 5);
    assert_printable_defects(reading.backup);
    arena_free(arena);
}

static long peak_kilobytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static const char *repeat(Arena *arena, const char *directory, const char *before, const char *piece,
                          const char *after) {
    enum { SIZE = 12 << 20 };
    const char *path = file_join(arena, directory, "large.sql");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(before, file);
    char block[64 * 1024];
    size_t length = strlen(piece), fits = sizeof(block) / length * length;
    for (size_t at = 0; at < fits; at++)
        block[at] = piece[at % length];
    for (size_t written = 0; written < SIZE; written += fits)
        fwrite(block, 1, fits, file);
    fputs(after, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

#define BEGINNING "--\n-- PostgreSQL database dump\n--\n\n"
#define ENDING "--\n-- PostgreSQL database dump complete\n--\n"

/* Hundreds of megabytes where a few bytes should be: bounded time and memory, and a defect. */
static void bounds_large_things(void **state) {
    (void)state;
    static const struct {
        const char *before, *piece, *after;
        BackupDefectKind kind;
        const char *words;
    } cases[] = {
        {BEGINNING "SELECT '", "x", "';\n" ENDING, BACKUP_DEFECT_DECODE, "more bytes than lifeboat reads"},
        {BEGINNING "SELECT ", "(", ";\n" ENDING, BACKUP_DEFECT_TRUNCATED, "inside a statement"},
        {BEGINNING, "/*", "\n" ENDING, BACKUP_DEFECT_TRUNCATED, "inside a comment"},
        {BEGINNING "--", "x", "\n" ENDING, 0, NULL},
        {BEGINNING "\\", "x", "\n" ENDING, BACKUP_DEFECT_UNEXPECTED, "no command"},
        {BEGINNING, "\\N\t1\n", ENDING, BACKUP_DEFECT_UNEXPECTED, "no command"},
        {BEGINNING, "CREATE TABLE t (a int);\n", ENDING, 0, NULL},
        {BEGINNING "CREATE TABLE t (", "a,", "b int);\n" ENDING, BACKUP_DEFECT_DECODE,
         "more bytes than lifeboat reads"},
        {BEGINNING "INSERT INTO t VALUES (1)", ",('x')", ";\n" ENDING, 0, NULL},
        {BEGINNING "DO $", "x", "$ $;\n" ENDING, BACKUP_DEFECT_DECODE, "more bytes than lifeboat reads"},
        {BEGINNING, "-- Data for Name: t; Type: TABLE DATA; Schema: s; Owner: o\n", ENDING, 0, NULL},
    };
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
        Arena *work = arena_child(arena);
        const char *path = repeat(work, directory, cases[at].before, cases[at].piece, cases[at].after);
        Reading reading = read_backup(work, path, 1);
        if (cases[at].words != NULL)
            assert_defect(&reading, cases[at].kind, cases[at].words);
        else if (reading.err != NULL || reading.backup->defects.count > 0)
            fail_msg("%zu: %s", at, defects_text(work, &reading));
        arena_free(work);
#if !defined(__SANITIZE_ADDRESS__)
        if (peak_kilobytes() > 64 << 10)
            fail_msg("%zu: %ld kB", at, peak_kilobytes());
#endif
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_cut),
        cmocka_unit_test(finds_cut_streams),
        cmocka_unit_test(reads_concatenated_streams),
        cmocka_unit_test(survives_flips),
        cmocka_unit_test(writes_names_safely),
        cmocka_unit_test(bounds_large_things),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
