/* SPDX-License-Identifier: PostgreSQL */
#include "reading.h"

#include "base/json.h"

static const char *const versions[] = {"pg13", "pg15", "pg17", "pg18"};
static const char *const scripts[] = {"script.sql",  "script.sql.gz",      "script.sql.zstd", "script.sql.lz4",
                                      "inserts.sql", "column-inserts.sql", "dumpall.sql"};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))
#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

/* Another folder with the same files, all of them: LIFEBOAT_FIXTURES=... for a run over a fuller set. */
static const char *find_fixture(Arena *arena, const char *version, const char *name) {
    const char *elsewhere = getenv("LIFEBOAT_FIXTURES");
    const char *path = elsewhere != NULL ? arena_printf(arena, "%s/%s/%s", elsewhere, version, name)
                                         : fixture(arena, arena_printf(arena, "%s/%s", version, name));
    return access(path, R_OK) == 0 ? path : NULL;
}

static void for_every_script(void (*test)(Arena *arena, const char *version, const char *path)) {
    size_t found = 0;
    for (size_t v = 0; v < VERSIONS; v++) {
        for (size_t s = 0; s < SCRIPTS; s++) {
            Arena *arena = arena_new();
            const char *path = find_fixture(arena, versions[v], scripts[s]);
            if (path != NULL) {
                test(arena, versions[v], path);
                found++;
            }
            arena_free(arena);
        }
    }
    assert_true(found >= 11);
}

static bool holds(const char *path, const char *words) {
    return strstr(path, words) != NULL;
}

/* ---- fixtures ---- */

static void counts_as_expected(Arena *arena, const char *version, const char *path) {
    json_t *expected;
    bool inserts = holds(path, "inserts"), several = holds(path, "dumpall");
    assert_null(json_parse_file(arena, find_fixture(arena, version, "expected.json"), 100000, &expected));
    for (int jobs = 1; jobs <= 2; jobs++) {
        Reading reading = read_backup(arena, path, jobs);
        assert_whole(&reading);
        const Inventory *inventory = reading.backup->inventory;
        size_t counted = 0;
        LIST_EACH (const InventoryTable, table, inventory->tables) {
            if (!table->has_data)
                continue;
            InventoryTable bare = *table;
            bare.database = "";
            const char *name = inventory_table_text(arena, &bare);
            const json_t *rows = json_object_get(expected, name);
            if (rows == NULL || table->rows != (uint64_t)json_integer_value(rows))
                fail_msg("%s: %s has %" PRIu64 " rows", path, name, table->rows);
            assert_int_equal(table->digested, !inserts);
            assert_true(table->digested || table->rows == 0 || table->undigested_why != NULL);
            assert_string_equal(table->database, several ? "app" : "");
            counted++;
        }
        assert_int_equal(counted, json_object_size(expected));
        assert_true(inventory->large_objects_known && inventory->large_objects_digested);
        assert_int_equal(inventory->large_objects, 2);
        assert_int_equal(inventory->large_object_bytes, 8000);
    }
}

static void counts_are_exact(void **state) {
    (void)state;
    for_every_script(counts_as_expected);
}

/* Whatever wrote the rows: what an archive has digested, a script has digested to the same. */
static void agrees_with_archive(Arena *arena, const char *version, const char *path) {
    bool several = holds(path, "dumpall"), inserts = holds(path, "inserts");
    Reading script = read_backup(arena, path, 1);
    Reading archive = read_backup(arena, find_fixture(arena, version, "custom.dump"), 1);
    assert_whole(&archive);
    assert_whole(&script);
    if (!several && !inserts)
        assert_true(same_data(archive.backup, script.backup));
    assert_true(
        hash_sum_equal(archive.backup->inventory->large_object_digest, script.backup->inventory->large_object_digest));
    LIST_EACH (const InventoryTable, table, archive.backup->inventory->tables) {
        const InventoryTable *twin =
            inventory_find_table(script.backup->inventory, several ? "app" : "", table->schema, table->name);
        assert_non_null(twin);
        assert_int_equal(twin->kind, table->kind);
        assert_int_equal(twin->rows, table->rows);
        assert_int_equal(twin->count, table->count);
        if (twin->digested)
            assert_true(hash_sum_equal(twin->digest, table->digest));
    }
    InventoryDifferences differences;
    inventory_compare(arena, archive.backup->inventory, script.backup->inventory, &differences);
    LIST_EACH (const InventoryDifference, difference, differences) {
        bool other_database = strcmp(difference->what, "DATABASE") == 0;
        if (!(several && other_database) && !(inserts && difference->kind == INVENTORY_NOT_COMPARED))
            fail_msg("%s: %s %s: %s / %s", path, difference->what, difference->name, difference->left,
                     difference->right);
    }
}

static void scripts_agree_with_archives(void **state) {
    (void)state;
    for_every_script(agrees_with_archive);
}

static void says_what_it_is(Arena *arena, const char *version, const char *path) {
    Reading reading = read_backup(arena, path, 1);
    const Backup *backup = reading.backup;
    assert_whole(&reading);
    uint64_t major;
    assert_true(text_to_u64(text_of(version + 2), &major));
    assert_string_equal(backup->format, "script");
    assert_int_equal(backup->server_major, major);
    assert_int_equal(backup->dump_major, major);
    assert_string_equal(backup->encoding, "UTF8");
    assert_int_equal(backup->several_databases, holds(path, "dumpall"));
    assert_int_equal(backup->insert_style, holds(path, "inserts"));
    assert_false(backup->no_data || backup->no_schema || backup->excludes_large_objects || backup->row_security_on ||
                 backup->globals_only || backup->taken_at_stated);
    assert_string_equal(backup->compression, holds(path, ".gz")     ? "gzip"
                                             : holds(path, ".zstd") ? "zstd"
                                             : holds(path, ".lz4")  ? "lz4"
                                                                    : "none");
    assert_true(backup->raw_bytes > 100000);
}

static void tells_versions_and_styles(void **state) {
    (void)state;
    for_every_script(says_what_it_is);
}

/* ---- scripts of our own ---- */

typedef struct Case {
    const char *script;
    BackupDefectKind kind;
    const char *words; /* in the defect; NULL for none at all */
} Case;

#define HEAD "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n"
#define TAIL "--\n-- PostgreSQL database dump complete\n--\n\n"
#define TABLE "CREATE TABLE public.t (a integer, b text);\nCREATE TABLE public.u (a integer);\n"
#define ROWS "COPY public.t (a, b) FROM stdin;\n1\tx\n2\ty\n\\.\n\n\n"

static const Case cases[] = {
    /* whole */
    {HEAD TABLE ROWS TAIL, 0, NULL},
    {HEAD TABLE ROWS TAIL "\\unrestrict x\n\n-- a comment\n/* another */\n", 0, NULL},
    {HEAD TABLE ROWS "-- PostgreSQL database dump complete", 0, NULL},
    {HEAD TABLE ROWS TAIL HEAD "CREATE TABLE v (a int);" TAIL, 0, NULL},
    {"\xEF\xBB\xBF" HEAD TABLE ROWS TAIL, 0, NULL},
    {"SET session_replication_role = replica;\n" TABLE ROWS "RESET ALL;\n", 0, NULL},
    {"\\restrict x\nSET a = b;\n" ROWS "RESET ALL;\n\\unrestrict x\n", 0, NULL},
    {HEAD "BEGIN;\n" TABLE ROWS "COMMIT;\n" TAIL, 0, NULL},
    /* cut */
    {HEAD TABLE ROWS, BACKUP_DEFECT_TRUNCATED, "without the line"},
    {HEAD TABLE "COPY public.t (a, b) FROM stdin;\n1\tx\n", BACKUP_DEFECT_TRUNCATED, "inside COPY data"},
    {HEAD TABLE "COPY public.t (a, b) FROM stdin;\n1\tx\n2", BACKUP_DEFECT_TRUNCATED, "public.t"},
    {HEAD TABLE "COPY public.t (a, b) FROM stdin;", BACKUP_DEFECT_TRUNCATED, "inside COPY data"},
    {HEAD TABLE "COPY public.t (a, b) FROM stdin;\n1\tx\n\\.", BACKUP_DEFECT_TRUNCATED, "public.t"},
    {HEAD TABLE "CREATE TABLE public.v (a int", BACKUP_DEFECT_TRUNCATED, "inside a statement"},
    {HEAD TABLE "COMMENT ON TABLE t IS 'x", BACKUP_DEFECT_TRUNCATED, "inside a quoted string"},
    {HEAD TABLE "CREATE TABLE \"x", BACKUP_DEFECT_TRUNCATED, "inside a quoted name"},
    {HEAD TABLE "CREATE FUNCTION f() AS $$BEGIN;", BACKUP_DEFECT_TRUNCATED, "dollar-quoted"},
    {HEAD TABLE "/* open", BACKUP_DEFECT_TRUNCATED, "inside a comment"},
    {HEAD TABLE "INSERT INTO public.t VALUES (1, 'x'), (2,", BACKUP_DEFECT_TRUNCATED, "public.t"},
    {HEAD TABLE ROWS "--\n-- PostgreSQL database dump comp", BACKUP_DEFECT_TRUNCATED, "without the line"},
    {HEAD TABLE ROWS HEAD TAIL, BACKUP_DEFECT_TRUNCATED, "another dump begins"},
    {"SET a = b;\n" TABLE ROWS, BACKUP_DEFECT_TRUNCATED, "nothing shows that the script is complete"},
    {"SET a = b;\n" TABLE "RESET ALL;\n" ROWS, BACKUP_DEFECT_TRUNCATED, "nothing shows"},
    {HEAD "BEGIN;\n" TABLE ROWS TAIL, BACKUP_DEFECT_TRUNCATED, "inside a transaction"},
    {"--\n-- PostgreSQL database cluster dump\n--\nCREATE ROLE x;\n\\connect a\n" HEAD TABLE TAIL,
     BACKUP_DEFECT_TRUNCATED, "cluster dump complete"},
    {"--\n-- PostgreSQL database cluster dump\n--\n\\connect a\n" HEAD TABLE
     "\n-- PostgreSQL database cluster dump complete\n",
     BACKUP_DEFECT_TRUNCATED, "last database"},
    /* rows that do not fit */
    {HEAD TABLE "COPY public.t (a, b) FROM stdin;\n1\n2\ty\n\\.\n" TAIL, BACKUP_DEFECT_COPY, "row 1 has 1 value"},
    {HEAD TABLE "INSERT INTO public.t VALUES (1, 2), (3);\n" TAIL, BACKUP_DEFECT_COPY, "rows of 1 and of 2 values"},
    {HEAD TABLE "INSERT INTO public.t VALUES (1, 2, 3);\n" TAIL, BACKUP_DEFECT_COPY, "3 values for 2 columns"},
    {HEAD TABLE "INSERT INTO public.t (a) VALUES (1, 2);\n" TAIL, BACKUP_DEFECT_COPY, "2 values for 1 columns"},
    {HEAD TABLE "INSERT INTO public.t VALTES (1, 2);\n" TAIL, BACKUP_DEFECT_COPY, "not well-formed"},
    {HEAD TABLE "INSERT 5 VALUES (1, 2);\n" TAIL, BACKUP_DEFECT_COPY, "names no table"},
    /* what should not be there */
    {HEAD TABLE ROWS TAIL "DROP TABLE public.t;\n", BACKUP_DEFECT_UNEXPECTED, "behind the closing line"},
    {HEAD TABLE ROWS TAIL "garbage", BACKUP_DEFECT_TRUNCATED, "inside a statement"},
    {HEAD TABLE ROWS TAIL "INSERT INTO t VALUES (1, 2);", BACKUP_DEFECT_UNEXPECTED, "behind the closing line"},
    {HEAD TABLE ROWS ROWS TAIL, BACKUP_DEFECT_UNEXPECTED, "second block"},
    {HEAD TABLE "CQPY public.t (a, b) FROM stdin;\n1\tx\n\\.\n" TAIL, BACKUP_DEFECT_UNEXPECTED, "no SQL statement"},
    {HEAD TABLE "COPY public.t (a, b) FROM stdin;\n\\.\n1\tx\n\\.\n;" TAIL, BACKUP_DEFECT_UNEXPECTED,
     "a line that belongs to no statement"},
    {HEAD TABLE "\\N\t5\n" TAIL, BACKUP_DEFECT_UNEXPECTED, "no command that psql knows"},
    {HEAD TABLE "COPY 5 FROM stdin;\n1\n\\.\n" TAIL, BACKUP_DEFECT_UNEXPECTED, "not one that pg_dump writes"},
    {HEAD TABLE "\\i other.sql\n" TAIL, BACKUP_DEFECT_MISSING, "another file"},
    {HEAD TABLE "COPY public.t FROM '/tmp/x';\n" TAIL, BACKUP_DEFECT_MISSING, "not part of the script"},
    {HEAD TABLE "-- Data for Name: u; Type: TABLE DATA; Schema: public; Owner: x\n" ROWS
                "-- Data for Name: u; Type: TABLE DATA; Schema: public; Owner: x\n" TAIL,
     BACKUP_DEFECT_MISSING, "announces its rows"},
    {HEAD "SELECT pg_catalog.lo_create('5');SELECT pg_catalog.lo_create('6');SELECT pg_catalog.lo_open('5', 131072);"
          "SELECT pg_catalog.lo_close(0);" TAIL,
     BACKUP_DEFECT_MISSING, "large objects"},
};

static void judges_scripts(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
        const char *path = write_bytes(arena, directory, "x.sql", text_of(cases[at].script));
        for (int jobs = 1; jobs <= 2; jobs++) {
            Reading reading = read_backup(arena, path, jobs);
            if (cases[at].words == NULL)
                assert_whole(&reading);
            else
                assert_defect(&reading, cases[at].kind, cases[at].words);
        }
    }
    arena_free(arena);
}

/* A table is counted to its last row or not at all. */
typedef struct Counted {
    const char *script;
    const char *tables; /* "public.t=2 public.u=?" */
} Counted;

#define DATA(name) "--\n-- Data for Name: " name "; Type: TABLE DATA; Schema: public; Owner: x\n--\n\n"

static const Counted counted[] = {
    {HEAD TABLE ROWS TAIL, "public.t=2 public.u=?"},
    {HEAD TABLE ROWS, "public.t=2 public.u=?"},
    {HEAD TABLE "COPY public.t (a, b) FROM stdin;\n1\tx\n2\ty\n", "public.t=? public.u=?"},
    {HEAD TABLE DATA("t") "INSERT INTO public.t VALUES (1, 'x');\n" DATA("u") TAIL, "public.t=1 public.u=0"},
    {HEAD TABLE DATA("t") "INSERT INTO public.t VALUES (1, 'x');\n" DATA("u"), "public.t=1 public.u=?"},
    {HEAD TABLE DATA("t") "INSERT INTO public.t VALUES (1, 'x');\n", "public.t=? public.u=?"},
    {HEAD TABLE DATA("u") DATA("t") "INSERT INTO public.t VALUES (1, 'x');\nINSERT INTO public.t VALUES (1, '",
     "public.t=? public.u=0"},
    {HEAD TABLE DATA("u") "\n" DATA("t") TAIL, "public.t=0 public.u=0"},
    {TABLE "INSERT INTO public.t VALUES (1, 'x'), (2, 'y');\nINSERT INTO t VALUES (3, 'z');\nRESET ALL;",
     "public.t=3 public.u=0"},
    {TABLE "INSERT INTO public.t VALUES (1, 'x'), (2, 'y');\n", "public.t=? public.u=?"},
    {HEAD TABLE "INSERT INTO public.t SELECT 1, 'x';\nINSERT INTO public.t VALUES (1, 'x');\n" TAIL,
     "public.t=? public.u=0"},
    {HEAD TABLE ROWS "DELETE FROM public.t WHERE a = 1;\n" TAIL, "public.t=? public.u=?"},
    {HEAD TABLE "TRUNCATE TABLE ONLY public.t;\n" ROWS TAIL, "public.t=2 public.u=?"},
    {HEAD TABLE "COPY public.t FROM stdin CSV;\n1,x\n\\.\n" TAIL, "public.t=? public.u=?"},
    {HEAD TABLE "INSERT INTO public.u DEFAULT VALUES;\n" TAIL, "public.t=0 public.u=1"},
    {HEAD "CREATE TABLE p (a int) PARTITION BY LIST (a);CREATE TABLE q (a int);ALTER TABLE ONLY p ATTACH PARTITION q "
          "DEFAULT;" DATA("q") "COPY public.p (a) FROM stdin;\n1\n\\.\n" TAIL,
     "public.p=0 public.q=1"},
    {HEAD "CREATE TABLE p (a int) PARTITION BY LIST (a);CREATE TABLE q (a int);ALTER TABLE ONLY p ATTACH PARTITION q "
          "DEFAULT;"
          "COPY public.p (a) FROM stdin;\n1\n\\.\n" TAIL,
     "public.p=1 public.q=?"},
    {HEAD ROWS TAIL, "public.t=2"},
    {HEAD
     "SET search_path = s, pg_catalog;\nCREATE TABLE t (a int, b text);\nCOPY t (a, b) FROM stdin;\n1\tx\n\\.\n" TAIL,
     "s.t=1"},
    {"--\n-- PostgreSQL database cluster dump\n--\n\\connect a\n" HEAD TABLE ROWS TAIL
     "\\connect -reuse-previous=on \"dbname='b c'\"\n" HEAD TABLE ROWS TAIL
     "-- PostgreSQL database cluster dump complete\n",
     "a.public.t=2 a.public.u=? \"b c\".public.t=2 \"b c\".public.u=?"},
    {HEAD "\\connect a\n" TABLE ROWS TAIL, "public.t=2 public.u=?"},
    {HEAD "SET standard_conforming_strings = off;\n" TABLE
          "INSERT INTO public.t VALUES (1, 'x\\');,('), (2, '');\n" TAIL,
     "public.t=2 public.u=0"},
};

static void counts_whole_tables_only(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    for (size_t at = 0; at < sizeof(counted) / sizeof(counted[0]); at++) {
        Reading reading = read_backup(arena, write_bytes(arena, directory, "x.sql", text_of(counted[at].script)), 1);
        assert_null(reading.err);
        Buf *seen = buf_new(arena, 4096);
        LIST_EACH (const InventoryTable, table, reading.backup->inventory->tables) {
            buf_printf(seen, "%s%s=", seen->length == 0 ? "" : " ", inventory_table_text(arena, table));
            if (table->count == INVENTORY_EXACT)
                buf_printf(seen, "%" PRIu64, table->rows);
            else
                buf_string(seen, "?");
            assert_true(table->count == INVENTORY_EXACT || table->unknown_why != NULL);
        }
        assert_string_equal(seen->at, counted[at].tables);
    }
    arena_free(arena);
}

/* ---- facts for the checks ---- */

typedef struct Facts {
    const char *script;
    bool no_schema, no_data, row_security, no_objects, globals, several;
} Facts;

static const Facts facts[] = {
    {HEAD TABLE ROWS TAIL, 0, 0, 0, 0, 0, 0},
    {HEAD TABLE TAIL, 0, 1, 0, 0, 0, 0},
    {HEAD ROWS "SELECT pg_catalog.setval('public.q', 1, true);\n" TAIL, 1, 0, 0, 0, 0, 0},
    {HEAD "ALTER TABLE public.t DISABLE TRIGGER ALL;\n" ROWS "ALTER TABLE public.t ENABLE TRIGGER ALL;\n" TAIL, 1, 0, 0,
     0, 0, 0},
    {HEAD TABLE DATA("t") DATA("u") TAIL, 0, 0, 0, 0, 0, 0},
    {HEAD "SET row_security = on;\n" TABLE ROWS TAIL, 0, 0, 1, 0, 0, 0},
    {HEAD "SET row_security = off;\n" TABLE ROWS TAIL, 0, 0, 0, 0, 0, 0},
    {HEAD TABLE ROWS "SELECT pg_catalog.lo_create('5');\n" TAIL, 0, 0, 0, 1, 0, 0},
    {"--\n-- PostgreSQL database cluster dump\n--\nCREATE ROLE x;\nALTER ROLE x WITH LOGIN;\n"
     "-- PostgreSQL database cluster dump complete\n",
     0, 0, 0, 0, 1, 0},
    {"--\n-- PostgreSQL database cluster dump\n--\n\\connect a\n" HEAD TABLE ROWS TAIL "\\connect b\n" HEAD TAIL
     "-- PostgreSQL database cluster dump complete\n",
     0, 0, 0, 0, 0, 1},
};

static void states_facts(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    for (size_t at = 0; at < sizeof(facts) / sizeof(facts[0]); at++) {
        Reading reading = read_backup(arena, write_bytes(arena, directory, "x.sql", text_of(facts[at].script)), 1);
        assert_whole(&reading);
        const Backup *backup = reading.backup;
        if (backup->no_schema != facts[at].no_schema || backup->no_data != facts[at].no_data ||
            backup->row_security_on != facts[at].row_security ||
            backup->excludes_large_objects != facts[at].no_objects || backup->globals_only != facts[at].globals ||
            backup->several_databases != facts[at].several)
            fail_msg("facts of %zu: %s", at, facts[at].script);
    }
    arena_free(arena);
}

static void reads_the_front(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    static const char script[] = "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 9.6.24\n"
                                 "-- Dumped by pg_dump version 17.11 (Debian 17.11-1)\n\n"
                                 "-- Started on 2026-11-23 05:00:00 CET\n\n" TAIL;
    Backup *backup;
    assert_null(backup_open(arena, write_bytes(arena, directory, "x.sql", text_of(script)), &backup));
    assert_string_equal(backup->server_version, "9.6.24");
    assert_int_equal(backup->server_major, 9);
    assert_string_equal(backup->dump_version, "17.11 (Debian 17.11-1)");
    assert_int_equal(backup->dump_major, 17);
    assert_true(backup->taken_at_stated);
    assert_string_equal(time_text(arena, backup->taken_at), "2026-11-23T04:00:00Z");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_exact),          cmocka_unit_test(scripts_agree_with_archives),
        cmocka_unit_test(tells_versions_and_styles), cmocka_unit_test(judges_scripts),
        cmocka_unit_test(counts_whole_tables_only),  cmocka_unit_test(states_facts),
        cmocka_unit_test(reads_the_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
