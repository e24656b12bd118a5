/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pg/copy.h"
#include "pg/sql.h"

/*
 * A script's events as one string: S[statement] I[head]=rows:narrowest-widest C[command] c[command inside] #[comment]
 * D[copied rows], and |open at the end.
 */
typedef struct Recorder {
    Buf *seen;
    Copy *copy;
} Recorder;

static void put(Buf *seen, const char *kind, const SqlStatement *statement) {
    buf_printf(seen, "%s[", kind);
    buf_text(seen, text_slice(text_trim(statement->text), 0, 200));
    buf_string(seen, statement->oversized ? "...]" : "]");
}

static Err *on_statement(void *context, const SqlStatement *statement) {
    Recorder *recorder = context;
    put(recorder->seen, "S", statement);
    copy_start(recorder->copy, COPY_COLUMNS_UNKNOWN);
    return NULL;
}

static Err *on_insert(void *context, const SqlInsert *insert) {
    Recorder *recorder = context;
    put(recorder->seen, "I", &insert->head);
    if (insert->counted)
        buf_printf(recorder->seen, "=%" PRIu64 ":%" PRIu64 "-%" PRIu64, insert->rows, insert->narrowest,
                   insert->widest);
    else
        buf_string(recorder->seen, insert->query ? "=query" : "=?");
    if (insert->whole.length > 0) {
        buf_string(recorder->seen, "W[");
        buf_text(recorder->seen, insert->whole);
        buf_string(recorder->seen, "]");
    }
    return NULL;
}

static Err *on_command(void *context, const SqlStatement *command, bool inside) {
    Recorder *recorder = context;
    put(recorder->seen, inside ? "c" : "C", command);
    return NULL;
}

static Err *on_comment(void *context, const SqlStatement *comment) {
    Recorder *recorder = context;
    put(recorder->seen, "#", comment);
    return NULL;
}

static Err *on_copy(void *context, Text bytes, size_t *used, bool *ended) {
    Recorder *recorder = context;
    copy_feed(recorder->copy, bytes, used, ended);
    if (*ended)
        buf_printf(recorder->seen, "D[%" PRIu64 "]", copy_finish(recorder->copy)->rows);
    return NULL;
}

/* INSERTs are kept whole and shown as W[statement] as well. */
static bool keeping;

/* Fed in pieces of `piece` bytes, each in memory of its own so that reading beyond it is seen by the sanitizers. */
static Text events(Arena *arena, Text script, size_t piece, bool standard) {
    Recorder recorder = {.seen = buf_new(arena, 1 << 20), .copy = copy_new(arena)};
    SqlSink sink = {.context = &recorder,
                    .statement = on_statement,
                    .insert = on_insert,
                    .command = on_command,
                    .comment = on_comment,
                    .copy = on_copy};
    Sql *sql = sql_new(arena, &sink);
    sql_standard_strings(sql, standard);
    if (keeping)
        sql_keep_inserts(sql);
    for (size_t at = 0; at < script.length; at += piece) {
        Text part = text_slice(script, at, at + piece);
        char *own = malloc(part.length);
        memcpy(own, part.at, part.length);
        assert_null(sql_feed(sql, (Text){.at = own, .length = part.length}));
        free(own);
    }
    SqlEnd end;
    assert_null(sql_finish(sql, &end));
    assert_int_equal(end.bytes, script.length);
    if (end.open != SQL_OPEN_NOTHING)
        buf_printf(recorder.seen, "|%s", sql_open_text(end.open));
    if (end.nul)
        buf_printf(recorder.seen, "|nul at %" PRIu64, end.nul_offset);
    return buf_view(recorder.seen);
}

typedef struct Row {
    Text script, events;
} Row;

/* Versions of clang-format part ways here. */
/* clang-format off */
#define ROW(bytes, told) {{bytes, sizeof(bytes) - 1}, {told, sizeof(told) - 1}}
/* clang-format on */

static void assert_text(Text found, Text expected) {
    if (!text_equal(found, expected))
        print_error("found    %.*s\nexpected %.*s\n", TEXT_ARG(found), TEXT_ARG(expected));
    assert_true(text_equal(found, expected));
}

static void check_rows(const Row *rows, size_t count, bool standard) {
    for (size_t at = 0; at < count; at++) {
        Arena *arena = arena_new();
        for (size_t piece = 1; piece <= rows[at].script.length + 1; piece++)
            assert_text(events(arena, rows[at].script, piece, standard), rows[at].events);
        arena_free(arena);
    }
}

static void splits_statements(void **state) {
    static const Row rows[] = {
        ROW("", ""),
        ROW(" \n\t;;\n", ""),
        ROW("SELECT 1;\nSELECT 2 ;", "S[SELECT 1]S[SELECT 2]"),
        ROW("SELECT 1", "|inside a statement"),
        ROW("-1;/2;$3;.5;", "S[-1]S[/2]S[$3]S[.5]"),
        ROW("-", "|inside a statement"),
        ROW("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);",
            "S[CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)]"),
        ROW("SELECT (1;\n", "|inside a statement"),
        ROW("a);b;", "S[a)]S[b]"),
        ROW("SELECT 1e5, 1.5e-3, 0x1F;", "S[SELECT 1e5, 1.5e-3, 0x1F]"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void knows_quotes(void **state) {
    static const Row rows[] = {
        ROW("SELECT ';', 'it''s;', '\\';x;", "S[SELECT ';', 'it''s;', '\\']S[x]"),
        ROW("SELECT E'\\';', e'\\\\', E'a'';';x;", "S[SELECT E'\\';', e'\\\\', E'a'';']S[x]"),
        ROW("SELECT E'a'\n '\\';';x;", "S[SELECT E'a'\n '\\';']S[x]"),
        ROW("SELECT E'a'-- c\n'\\';';x;", "S[SELECT E'a'-- c\n'\\';']S[x]"),
        ROW("SELECT E'a' '\\';x;", "S[SELECT E'a' '\\']S[x]"),
        ROW("SELECT E'a'\n, '\\';x;", "S[SELECT E'a'\n, '\\']S[x]"),
        ROW("SELECT E'a'/* */\n'\\';x;", "S[SELECT E'a'/* */\n'\\']S[x]"),
        ROW("SELECT namE'\\';x;", "S[SELECT namE'\\']S[x]"),
        ROW("SELECT U&'\\0041;', N'\\', B'1;', X'F;';x;", "S[SELECT U&'\\0041;', N'\\', B'1;', X'F;']S[x]"),
        ROW("SELECT \"a;\"\"b\", U&\"\\\";x;", "S[SELECT \"a;\"\"b\", U&\"\\\"]S[x]"),
        ROW("SELECT 'open;", "|inside a quoted string"),
        ROW("SELECT E'open\\';", "|inside a quoted string"),
        ROW("SELECT \"open;", "|inside a quoted name"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void knows_old_strings(void **state) {
    static const Row rows[] = {
        ROW("SELECT '\\';', '\\\\';x;", "S[SELECT '\\';', '\\\\']S[x]"),
        ROW("SELECT B'\\';x;", "S[SELECT B'\\']S[x]"),
        ROW("SET standard_conforming_strings = on;SELECT '\\';x;",
            "S[SET standard_conforming_strings = on]S[SELECT '\\']S[x]"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
}

static void follows_the_setting(void **state) {
    static const Row rows[] = {
        ROW("SET standard_conforming_strings = off;SELECT '\\';';x;",
            "S[SET standard_conforming_strings = off]S[SELECT '\\';']S[x]"),
        ROW("SET SESSION standard_conforming_strings TO 'off';SELECT '\\';';x;",
            "S[SET SESSION standard_conforming_strings TO 'off']S[SELECT '\\';']S[x]"),
        ROW("SET standard_conforming_strings = on;SELECT '\\';x;",
            "S[SET standard_conforming_strings = on]S[SELECT '\\']S[x]"),
        ROW("SET other = off;SELECT '\\';x;", "S[SET other = off]S[SELECT '\\']S[x]"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void knows_dollar_quotes(void **state) {
    static const Row rows[] = {
        ROW("SELECT $$;'$$;x;", "S[SELECT $$;'$$]S[x]"),
        ROW("SELECT $_1$;$$ $_$ $_1$;x;", "S[SELECT $_1$;$$ $_$ $_1$]S[x]"),
        ROW("SELECT $a$ $b$a$;x;", "S[SELECT $a$ $b$a$]S[x]"),
        ROW("SELECT $a$$a$;x;", "S[SELECT $a$$a$]S[x]"),
        ROW("SELECT $a$ $$a$;x;", "S[SELECT $a$ $$a$]S[x]"),
        ROW("SELECT $1;x;", "S[SELECT $1]S[x]"),
        ROW("SELECT $abc;x;", "S[SELECT $abc]S[x]"),
        ROW("SELECT $E'\\';';x;", "S[SELECT $E'\\';']S[x]"),
        ROW("SELECT a$b$;x;", "S[SELECT a$b$]S[x]"),
        ROW("SELECT $ä$;$ä$;", "S[SELECT $ä$;$ä$]"),
        ROW("DO $do$ open $do;", "|inside a dollar-quoted body"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void knows_comments(void **state) {
    static const Row rows[] = {
        ROW("-- one\nSELECT 1 -- ;\n;--two", "#[-- one]S[SELECT 1 -- ;]#[--two]"),
        ROW("-- one\r\nSELECT 1;\r\n", "#[-- one]S[SELECT 1]"),
        ROW("--\n--\n", "#[--]#[--]"),
        ROW("/* a; /* b; */ c; */ SELECT /*;*/ 1;", "S[SELECT /*;*/ 1]"),
        ROW("/*/ ; */ SELECT 1 //* ; */ 2;", "S[SELECT 1 //* ; */ 2]"),
        ROW("SELECT 1 +-- ;\n2;", "S[SELECT 1 +-- ;\n2]"),
        ROW("SELECT 2-1;", "S[SELECT 2-1]"),
        ROW("/* ** // * / */a;", "S[a]"),
        ROW("/* open", "|inside a comment"),
        ROW("SELECT 1 /* open", "|inside a comment"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void knows_commands(void **state) {
    static const Row rows[] = {
        ROW("\\connect app\nSELECT 1;\n", "C[\\connect app]S[SELECT 1]"),
        ROW("\\unrestrict x", "C[\\unrestrict x]"),
        ROW("\\connect -reuse-previous=on \"dbname='a b'\"\r\n", "C[\\connect -reuse-previous=on \"dbname='a b'\"]"),
        ROW("SELECT 1 \\N 2\n, 3;", "c[\\N 2]S[SELECT 1 \n, 3]"),
        ROW("\\.\n", "C[\\.]"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void knows_atomic_bodies(void **state) {
    static const Row rows[] = {
        ROW("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;x;",
            "S[CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END]S[x]"),
        ROW("CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC; END;x;",
            "S[CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC; END]S[x]"),
        ROW("BEGIN;x;COMMIT;", "S[BEGIN]S[x]S[COMMIT]"),
        ROW("CREATE FUNCTION begin() AS $$;$$;x;", "S[CREATE FUNCTION begin() AS $$;$$]S[x]"),
        ROW("CREATE TABLE function (begin atomic);x;", "S[CREATE TABLE function (begin atomic)]S[x]"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void counts_inserts(void **state) {
    static const Row rows[] = {
        ROW("INSERT INTO t VALUES (1, 'a');", "I[INSERT INTO t]=1:2-2"),
        ROW("INSERT INTO t VALUES\n\t(1, '(x),'),\n\t(2, E'\\'),('), (3, (4, 5), 'x'::text[1,2]);",
            "I[INSERT INTO t]=3:2-4"),
        ROW("insert into public.\"VALUES\" (a, \"values\") values (1, 2) ON CONFLICT DO NOTHING;",
            "I[insert into public.\"VALUES\" (a, \"values\")]=1:2-2"),
        ROW("INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES (1), (-2) ON CONFLICT (a) DO UPDATE SET (a) = (1);",
            "I[INSERT INTO t (a) OVERRIDING SYSTEM VALUE]=2:1-1"),
        ROW("INSERT INTO t DEFAULT VALUES;INSERT INTO t DEFAULT VALUES ON CONFLICT DO NOTHING;",
            "I[INSERT INTO t DEFAULT]=1:0-0I[INSERT INTO t DEFAULT]=1:0-0"),
        ROW("INSERT INTO t VALUES (DEFAULT, $$(),$$, $a$),($a$) RETURNING (1);", "I[INSERT INTO t]=1:3-3"),
        ROW("INSERT INTO t VALUES (1) -- (2)\n, /* (3), */ (4);", "I[INSERT INTO t]=2:1-1"),
        ROW("INSERT INTO t VALUES (U&'\\0041', N'x', B'1', \"x\", NULL, true, 1.5e10, -.5);", "I[INSERT INTO t]=1:8-8"),
        /* not countable */
        ROW("INSERT INTO t SELECT 1;", "I[INSERT INTO t SELECT 1]=query"),
        ROW("INSERT INTO t (SELECT * FROM (VALUES (1)) v);", "I[INSERT INTO t (SELECT * FROM (VALUES (1)) v)]=query"),
        ROW("INSERT INTO t WITH x AS (SELECT 1) TABLE x;", "I[INSERT INTO t WITH x AS (SELECT 1) TABLE x]=query"),
        ROW("INSERT INTO t;", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t VALUES;", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t VALUES (1),;", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t VALUES (1) (2);", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t VALUES ,(2);", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t VALUES (1) 'x';", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t VALUES x(1);", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t VALUES (1));", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t VALUES (1) union (2);", "I[INSERT INTO t]=?"),
        ROW("INSERT INTO t DEFAULT VALUES, (1);", "I[INSERT INTO t DEFAULT]=?"),
        ROW("INSERT INTO t VALUES (1), ('2", "|inside a quoted string"),
        ROW("INSERT INTO t VALUES (1)\nINSERT INTO t VALUES (2);", "I[INSERT INTO t]=?"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void keeps_inserts_whole(void **state) {
    static const Row rows[] = {
        ROW("INSERT INTO t VALUES (1, 'a;'),\n(2, 'b');x;",
            "I[INSERT INTO t]=2:2-2W[INSERT INTO t VALUES (1, 'a;'),\n(2, 'b')]S[x]"),
        ROW("INSERT INTO t SELECT 1;", "I[INSERT INTO t SELECT 1]=queryW[INSERT INTO t SELECT 1]"),
        ROW("INSERT INTO t DEFAULT VALUES;", "I[INSERT INTO t DEFAULT]=1:0-0W[INSERT INTO t DEFAULT VALUES]"),
        ROW("INSERT INTO t VALUES (1);INSERT INTO u VALUES (2);",
            "I[INSERT INTO t]=1:1-1W[INSERT INTO t VALUES (1)]I[INSERT INTO u]=1:1-1W[INSERT INTO u VALUES (2)]"),
    };
    keeping = true;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
    keeping = false;
}

static void hands_copy_data_over(void **state) {
    static const Row rows[] = {
        ROW("COPY t (a, b) FROM stdin;\n1\t';\n2\t\\.\n\\.\n\nSELECT 1;\n",
            "S[COPY t (a, b) FROM stdin]D[2]S[SELECT 1]"),
        ROW("COPY t FROM STDIN ;\n\\.\n-- x\n", "S[COPY t FROM STDIN]D[0]#[-- x]"),
        ROW("copy \"from\" (\"to\") from stdin;  \r\n1\n\\.\n", "S[copy \"from\" (\"to\") from stdin]D[1]"),
        ROW("COPY t TO stdout;\nSELECT 1;", "S[COPY t TO stdout]S[SELECT 1]"),
        ROW("COPY (SELECT * FROM stdin) TO stdout;\nx;", "S[COPY (SELECT * FROM stdin) TO stdout]S[x]"),
        ROW("COPY t FROM 'stdin';\nx;", "S[COPY t FROM 'stdin']S[x]"),
        ROW("COPY t FROM stdin;", "S[COPY t FROM stdin]|inside COPY data"),
        ROW("COPY t FROM stdin;\n1\n", "S[COPY t FROM stdin]|inside COPY data"),
        ROW("COPY t FROM stdin;1\n2\n\\.\n", "S[COPY t FROM stdin]c[1]D[1]"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void finds_nul_bytes(void **state) {
    static const Row rows[] = {
        ROW("SELECT\0 1;", "S[SELECT\0 1]|nul at 6"),
        ROW("SELECT '\0';", "S[SELECT '\0']|nul at 8"),
        ROW("COPY t FROM stdin;\n\0\n\\.\nx\0;", "S[COPY t FROM stdin]D[1]S[x\0]|nul at 25"),
        ROW("COPY t FROM stdin;\n\0\n\\.\nx;", "S[COPY t FROM stdin]D[1]S[x]"),
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

/* A statement beyond the maximum is reported as such, whatever the chunks; the rows of an INSERT may be of any size. */
static void bounds_memory(void **state) {
    Arena *arena = arena_new();
    size_t size = SQL_STATEMENT_MAXIMUM + 100, rows = (size - 24) / 5, at = 24;
    char *script = malloc(size + 64);
    Text oversized =
        text_of(arena_printf(arena, "S[%s...]S[SELECT 1]", (char *)memset(arena_alloc(arena, 201), 'x', 200)));
    Text counted = text_of(arena_printf(arena, "I[INSERT INTO t]=%zu:1-1", 1 + rows));
    for (size_t piece = 1000; piece <= 2 * size; piece = piece * 3 + 7) {
        Arena *work = arena_child(arena);
        memset(script, 'x', size);
        memcpy(script + size, ";SELECT 1;", 10);
        assert_text(events(work, (Text){.at = script, .length = size + 10}, piece, true), oversized);
        memcpy(script, "INSERT INTO t VALUES (1)", 24);
        for (at = 24; at < 24 + rows * 5; at += 5)
            memcpy(script + at, ",('')", 5);
        script[at] = ';';
        assert_text(events(work, (Text){.at = script, .length = at + 1}, piece, true), counted);
        arena_free(work);
    }
    free(script);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_statements),    cmocka_unit_test(knows_quotes),
        cmocka_unit_test(knows_old_strings),    cmocka_unit_test(follows_the_setting),
        cmocka_unit_test(knows_dollar_quotes),  cmocka_unit_test(knows_comments),
        cmocka_unit_test(knows_commands),       cmocka_unit_test(knows_atomic_bodies),
        cmocka_unit_test(counts_inserts),       cmocka_unit_test(keeps_inserts_whole),
        cmocka_unit_test(hands_copy_data_over), cmocka_unit_test(finds_nul_bytes),
        cmocka_unit_test(bounds_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
