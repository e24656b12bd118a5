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
#include "base/file.h"
#include "format/unpack.h"
#include "inventory/ddl.h"
#include "pg/sql.h"
#include "pg/toc.h"

static void put_names(Buf *out, const char *const *names, size_t count) {
    buf_byte(out, '(');
    for (size_t at = 0; at < count; at++)
        buf_printf(out, "%s%s", at == 0 ? "" : ",", names[at]);
    buf_byte(out, ')');
}

static void put_tables(Buf *out, const Inventory *inventory) {
    for (size_t at = 0; at < inventory->tables.count; at++) {
        const InventoryTable *table = &inventory->tables.items[at];
        buf_printf(out, "%c %s.%s", table->kind, table->schema, table->name);
        put_names(out, table->columns.items, table->columns.count);
        if (table->columns.count != table->copy_columns.count)
            put_names(out, table->copy_columns.items, table->copy_columns.count);
        buf_printf(out, "%s%s%s%s\n", table->unlogged ? " unlogged" : "", table->partition ? " partition" : "",
                   table->row_security ? " rls" : "", table->count == INVENTORY_EXACT ? " counted" : "");
    }
}

/* Everything the inventory holds, one line each; kinds that each relation has anyway are left out when `brief`. */
static const char *render(Arena *arena, Inventory *inventory, bool brief) {
    Buf *out = buf_new(arena, 1 << 24);
    inventory_seal(inventory);
    put_tables(out, inventory);
    for (size_t at = 0; at < inventory->objects.count; at++) {
        const InventoryObject *object = &inventory->objects.items[at];
        bool relation = strstr(object->kind, "TABLE") != NULL || strcmp(object->kind, "SEQUENCE") == 0;
        if (brief && relation && object->owner[0] == '\0')
            continue;
        buf_printf(out, "%s %s%s%s%s%s%s%s\n", object->kind, object->schema, object->schema[0] == '\0' ? "" : ".",
                   object->table, object->table[0] == '\0' ? "" : ".", object->name,
                   object->owner[0] == '\0' ? "" : " @", object->owner);
    }
    for (size_t at = 0; at < inventory->sequences.count; at++) {
        const InventorySequence *sequence = &inventory->sequences.items[at];
        buf_printf(out, "sequence %s.%s", sequence->schema, sequence->name);
        if (sequence->known)
            buf_printf(out, "=%" PRId64 "%s", sequence->value, sequence->called ? "" : " fresh");
        buf_byte(out, '\n');
    }
    for (size_t at = 0; at < inventory->extensions.count; at++)
        buf_printf(out, "extension %s in %s%s\n", inventory->extensions.items[at].name,
                   inventory->extensions.items[at].schema, inventory->extensions.items[at].version);
    for (size_t at = 0; at < inventory->roles.count; at++)
        buf_printf(out, "role %s%s%s\n", inventory->roles.items[at].name,
                   inventory->roles.items[at].defined ? " defined" : "",
                   inventory->roles.items[at].referenced ? " referenced" : "");
    assert_false(out->full);
    return out->at;
}

typedef struct Reading {
    const char *sql, *expected;
} Reading;

static const Reading readings[] = {
    /* tables */
    {"CREATE TABLE public.t (a integer NOT NULL, \"b c\" text DEFAULT ','::text, c numeric(10,2));",
     "r public.t(a,b c,c)\n"},
    {"CREATE TABLE public.t ();", "r public.t()\n"},
    {"CREATE UNLOGGED TABLE s.t (a int);", "r s.t(a) unlogged\n"},
    {"CREATE TABLE IF NOT EXISTS \"public\".\"T\" (\"A\" \"uuid\" DEFAULT \"gen_random_uuid\"() NOT NULL);",
     "r public.T(A)\n"},
    {"CREATE TABLE t (a int, b int GENERATED ALWAYS AS ((a * 2)) STORED, c int);", "r public.t(a,b,c)(a,c)\n"},
    {"CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) VIRTUAL);", "r public.t(a,b)(a)\n"},
    {"CREATE TABLE t (a int) PARTITION BY RANGE (a);", "p public.t(a) counted\n"},
    {"CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p FOR VALUES IN (1);",
     "r public.c(a) partition\np public.p(a) counted\n"},
    {"CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c (a int);"
     "ALTER TABLE ONLY public.p ATTACH PARTITION public.c FOR VALUES IN ('1');",
     "r public.c(a) partition\np public.p(a) counted\n"},
    {"CREATE TABLE p (a int, g int GENERATED ALWAYS AS (a) STORED); CREATE TABLE c (b int) INHERITS (p);",
     "r public.c(a,g,b)(a,b)\nr public.p(a,g)(a)\n"},
    {"CREATE FOREIGN TABLE s.f (a integer OPTIONS (column_name 'x, y')) SERVER srv OPTIONS (table_name 't');",
     "f s.f(a)\n"},
    {"CREATE TEMP TABLE t (a int); CREATE TEMPORARY TABLE u (a int);", ""},
    {"CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b text, ADD c int; ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
     "r public.t(a,b,c) rls\n"},
    {"CREATE TABLE t (exclude int, EXCLUDE USING gist (exclude WITH =), LIKE other INCLUDING ALL);",
     "r public.t(exclude)\nCONSTRAINT public.t.t_excl\n"},
    {"CREATE TABLE t (a int) WITH (autovacuum_enabled='false'); CREATE TABLE IF NOT EXISTS t (b int);",
     "r public.t(a)\n"},
    /* constraints */
    {"CREATE TABLE t (a int CONSTRAINT nn NOT NULL, b int CONSTRAINT pos CHECK ((b > 0)), CONSTRAINT ck CHECK "
     "(true),"
     "CONSTRAINT nn2 NOT NULL a);",
     "r public.t(a,b)\nCONSTRAINT public.t.ck\nCONSTRAINT public.t.pos\n"},
    {"CREATE TABLE t (a bigint PRIMARY KEY, b text UNIQUE, c int REFERENCES x(y) ON DELETE SET NULL, CHECK (a > 0),"
     "UNIQUE (b, c), FOREIGN KEY (a) REFERENCES z);",
     "r public.t(a,b,c)\nCONSTRAINT public.t.t_a_fkey\nCONSTRAINT public.t.t_b_c_key\nCONSTRAINT public.t.t_b_key\n"
     "CONSTRAINT public.t.t_c_fkey\nCONSTRAINT public.t.t_check\nCONSTRAINT public.t.t_pkey\n"},
    {"ALTER TABLE ONLY public.t ADD CONSTRAINT \"t pkey\" PRIMARY KEY (a), ADD CONSTRAINT fk FOREIGN KEY (a) "
     "REFERENCES public.u(b) NOT VALID; ALTER TABLE public.t ADD CONSTRAINT n NOT NULL a;",
     "CONSTRAINT public.t.fk\nCONSTRAINT public.t.t pkey\n"},
    /* sequences */
    {"CREATE SEQUENCE s.q START WITH 100; SELECT pg_catalog.setval('s.q', 100, true);", "sequence s.q=100\n"},
    {"SELECT pg_catalog.setval('\"public\".\"We\"\"ird q\"', 1, false);", "sequence public.We\"ird q=1 fresh\n"},
    {"SELECT pg_catalog.setval('public.q', -5); SELECT setval('public.r'::regclass, (SELECT 5));",
     "sequence public.q=-5\n"},
    {"CREATE TABLE t (a int); ALTER TABLE t OWNER TO bob; ALTER TABLE public.t ALTER COLUMN a ADD GENERATED ALWAYS "
     "AS "
     "IDENTITY (SEQUENCE NAME public.a_seq START WITH 1); SELECT setval('public.a_seq', 7, true);",
     "r public.t(a)\nSEQUENCE public.a_seq @bob\nTABLE public.t @bob\nsequence public.a_seq=7\nrole bob "
     "referenced\n"},
    {"CREATE TABLE t (a bigserial, b int GENERATED BY DEFAULT AS IDENTITY, c serial8 NOT NULL);",
     "r public.t(a,b,c)\nsequence public.t_a_seq\nsequence public.t_b_seq\nsequence public.t_c_seq\n"},
    /* routines */
    {"CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN; END;$$;", "FUNCTION public.f()\n"},
    {"CREATE OR REPLACE FUNCTION \"public\".\"f\"(\"a\" integer, \"b\" \"text\" DEFAULT 'x, y'::\"text\", OUT c "
     "int, "
     "INOUT d public.\"My Type\"[], VARIADIC e \"any\") RETURNS void;",
     "FUNCTION public.f(integer, text, public.\"My Type\"[], \"any\")\n"},
    {"CREATE FUNCTION f(double precision, character varying, ts timestamp with time zone, time without time zone, "
     "interval, x bit varying(3), \"char\", numeric(4,2)[], y int = 5, z varchar, timestamptz) RETURNS int;",
     "FUNCTION public.f(double precision, character varying, timestamp with time zone, time without time zone, "
     "interval, "
     "bit varying, \"char\", numeric[], integer, character varying, timestamp with time zone)\n"},
    {"CREATE PROCEDURE p.q(IN a pg_catalog.int4) LANGUAGE sql BEGIN ATOMIC SELECT 1; END; CREATE AGGREGATE "
     "p.a(integer) "
     "(SFUNC = x); CREATE AGGREGATE p.b(*) (SFUNC = x); CREATE AGGREGATE p.c(double precision ORDER BY anyelement) "
     "();",
     "AGGREGATE p.a(integer)\nAGGREGATE p.b(*)\nAGGREGATE p.c(double precision, anyelement)\nPROCEDURE "
     "p.q(integer)\n"},
    {"CREATE FUNCTION f(a int) RETURNS int; ALTER FUNCTION public.f(a integer) OWNER TO bob;",
     "FUNCTION public.f(integer) @bob\nrole bob referenced\n"},
    /* things on tables */
    {"CREATE UNIQUE INDEX i ON ONLY s.t USING btree (a); CREATE INDEX CONCURRENTLY IF NOT EXISTS \"I 2\" ON s.t "
     "(b);",
     "INDEX s.t.I 2\nINDEX s.t.i\n"},
    {"CREATE TRIGGER g BEFORE UPDATE OF a, b ON s.t FOR EACH ROW EXECUTE FUNCTION f(); CREATE CONSTRAINT TRIGGER h "
     "AFTER "
     "INSERT ON s.t DEFERRABLE EXECUTE PROCEDURE f(); CREATE OR REPLACE TRIGGER i INSTEAD OF DELETE ON s.v;",
     "TRIGGER s.t.g\nTRIGGER s.t.h\nTRIGGER s.v.i\n"},
    {"CREATE POLICY p ON s.t AS RESTRICTIVE FOR SELECT TO anon, \"Web User\", PUBLIC USING ((x = ANY "
     "(ARRAY['to'])));"
     "CREATE POLICY q ON s.t USING (true);",
     "POLICY s.t.p\nPOLICY s.t.q\nrole Web User referenced\nrole anon referenced\n"},
    {"CREATE RULE r AS ON INSERT TO s.t DO INSTEAD NOTHING; CREATE RULE \"_RETURN\" AS ON SELECT TO v DO INSTEAD "
     "SELECT 1;",
     "RULE s.t.r\n"},
    /* the rest */
    {"CREATE SCHEMA s; CREATE SCHEMA IF NOT EXISTS t AUTHORIZATION bob; CREATE SCHEMA AUTHORIZATION eve; ALTER "
     "SCHEMA s "
     "OWNER TO ann; ALTER SCHEMA public OWNER TO pg_database_owner;",
     "SCHEMA eve @eve\nSCHEMA s @ann\nSCHEMA t @bob\nrole ann referenced\nrole bob referenced\nrole eve "
     "referenced\n"
     "role pg_database_owner referenced\n"},
    {"CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA extensions; CREATE EXTENSION IF NOT EXISTS "
     "\"uuid-ossp\";"
     "CREATE EXTENSION vector VERSION '0.8';",
     "EXTENSION uuid-ossp\nEXTENSION vector\nextension uuid-ossp in extensions\nextension vector in 0.8\n"},
    {"CREATE VIEW v AS SELECT 1; CREATE OR REPLACE VIEW \"s\".\"w\" WITH (security_invoker='true') AS SELECT 1; "
     "CREATE "
     "MATERIALIZED VIEW m AS SELECT 1 WITH NO DATA; ALTER TABLE public.v OWNER TO bob;",
     "m public.m()\nMATERIALIZED VIEW public.m\nVIEW public.v @bob\nVIEW s.w\nrole bob referenced\n"},
    {"CREATE TYPE s.mood AS ENUM ('a', 'b'); CREATE TYPE s.shell; CREATE TYPE s.shell (INPUT = x); CREATE DOMAIN "
     "s.d AS int "
     "CONSTRAINT c CHECK (VALUE > 0); ALTER TYPE s.mood OWNER TO bob;",
     "DOMAIN s.d\nTYPE s.mood @bob\nTYPE s.shell\nrole bob referenced\n"},
    {"CREATE PUBLICATION p FOR TABLE t; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f(); CREATE "
     "SERVER s "
     "FOREIGN DATA WRAPPER w; CREATE FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR bob SERVER s OPTIONS (user "
     "'x');",
     "EVENT TRIGGER e\nFOREIGN DATA WRAPPER w\nPUBLICATION p\nSERVER s\nUSER MAPPING USER MAPPING bob SERVER s\n"
     "role bob referenced\n"},
    {"CREATE CAST (integer AS s.t) WITH FUNCTION f(integer); CREATE OPERATOR s.=== (FUNCTION = f); CREATE OPERATOR "
     "CLASS "
     "s.oc DEFAULT FOR TYPE int USING btree AS STORAGE int; CREATE OPERATOR FAMILY s.of USING hash; CREATE "
     "COLLATION s.c "
     "(locale = 'x'); CREATE DEFAULT CONVERSION s.v FOR 'a' TO 'b' FROM f; CREATE STATISTICS s.st ON a, b FROM t;",
     "CAST CAST (integer AS s.t)\nCOLLATION s.c\nCONVERSION s.v\nOPERATOR s.===\nOPERATOR CLASS s.oc\n"
     "OPERATOR FAMILY s.of\nSTATISTICS s.st\n"},
    {"CREATE TEXT SEARCH DICTIONARY s.d (TEMPLATE = x); CREATE TEXT SEARCH CONFIGURATION s.c (PARSER = y); CREATE "
     "TRUSTED "
     "PROCEDURAL LANGUAGE plperl; CREATE ACCESS METHOD am TYPE INDEX HANDLER h; CREATE TRANSFORM FOR hstore "
     "LANGUAGE "
     "plpython3u (FROM SQL WITH FUNCTION f(internal));",
     "ACCESS METHOD am\nPROCEDURAL LANGUAGE plperl\nTEXT SEARCH CONFIGURATION s.c\nTEXT SEARCH DICTIONARY s.d\n"
     "TRANSFORM TRANSFORM FOR hstore LANGUAGE plpython3u\n"},
    /* roles */
    {"CREATE ROLE bob; CREATE USER eve; ALTER ROLE bob WITH LOGIN; GRANT bob TO eve WITH ADMIN OPTION GRANTED BY "
     "postgres;",
     "role bob defined referenced\nrole eve defined referenced\nrole postgres referenced\n"},
    {"GRANT SELECT(a),INSERT(b) ON TABLE public.t TO bob, PUBLIC; GRANT ALL ON SCHEMA s TO GROUP g WITH GRANT "
     "OPTION; REVOKE "
     "ALL ON FUNCTION f(\"to\" text) FROM eve; ALTER DEFAULT PRIVILEGES FOR ROLE ann IN SCHEMA s GRANT ALL ON "
     "TABLES TO zoe;",
     "role ann referenced\nrole bob referenced\nrole eve referenced\nrole g referenced\nrole zoe referenced\n"},
    {"SET SESSION AUTHORIZATION 'bob'; SET SESSION AUTHORIZATION DEFAULT; SET ROLE eve; SET ROLE NONE; ALTER LARGE "
     "OBJECT 5 "
     "OWNER TO ann; ALTER TABLE t OWNER TO CURRENT_USER; CREATE DATABASE d WITH OWNER = kim;",
     "role ann referenced\nrole bob referenced\nrole eve referenced\nrole kim referenced\n"},
    /* search_path, as dumps before 2018 set it */
    {"SET search_path = s, pg_catalog; CREATE TABLE t (a int); SET search_path = u, pg_catalog; CREATE TABLE t (b "
     "int);"
     "CREATE INDEX i ON t (b); SET search_path TO 's, u'; ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
     "r s.t(a) rls\nr u.t(b)\nINDEX u.t.i\n"},
    {"SELECT pg_catalog.set_config('search_path', 's', false); CREATE VIEW v AS SELECT 1; SELECT "
     "pg_catalog.set_config('search_path', '', false); CREATE VIEW w AS SELECT 1;",
     "VIEW public.w\nVIEW s.v\n"},
    /* not understood: nothing is made up */
    {"CREATE; CREATE TABLE; CREATE TABLE 5; ALTER TABLE; ALTER; GRANT; GRANT a; CREATE FUNCTION f; CREATE INDEX; "
     "SELECT 1; "
     "SET; CREATE POLICY p; CREATE CAST (a); COMMENT ON TABLE t IS 'CREATE TABLE x (a int)'; DROP TABLE t; BEGIN; "
     "COMMIT",
     ""},
};

static void reads_statements(void **state) {
    for (size_t at = 0; at < sizeof(readings) / sizeof(readings[0]); at++) {
        Arena *arena = arena_new();
        Inventory *inventory = inventory_new(arena, INVENTORY_BACKUP, "test");
        Ddl *ddl = ddl_new(arena, inventory);
        ddl_apply(ddl, text_of(readings[at].sql));
        assert_string_equal(render(arena, inventory, true), readings[at].expected);
        arena_free(arena);
    }
}

static void keeps_settings(void **state) {
    Arena *arena = arena_new();
    Ddl *ddl = ddl_new(arena, inventory_new(arena, INVENTORY_BACKUP, "test"));
    assert_string_equal(ddl_encoding(ddl), "");
    assert_true(ddl_standard_strings(ddl));
    assert_false(ddl_row_security(ddl));
    ddl_apply(ddl,
              TEXT("SET client_encoding = 'LATIN1'; SET row_security = on; SET standard_conforming_strings = off;"));
    assert_string_equal(ddl_encoding(ddl), "LATIN1");
    assert_false(ddl_standard_strings(ddl));
    assert_true(ddl_row_security(ddl));
    ddl_apply(ddl,
              TEXT("SET row_security = off; SELECT pg_catalog.setval('a\\'b', 1, true); SET client_encoding TO UTF8"));
    assert_false(ddl_row_security(ddl));
    ddl_database(ddl, "other");
    assert_true(ddl_standard_strings(ddl));
    arena_free(arena);
}

static void finds_data_targets(void **state) {
    static const struct {
        const char *before, *statement, *schema, *name, *columns;
        int width;
        bool ok, from_stdin, plain, oids;
    } rows[] = {
        {"", "COPY public.t (a, \"b c\") FROM stdin", "public", "t", "a,b c", 2, true, true, true, false},
        {"CREATE TABLE s.t ()", "COPY s.t  FROM stdin", "s", "t", "", 0, true, true, true, false},
        {"", "COPY s.t FROM stdin", "s", "t", "", -1, true, true, true, false},
        {"SET search_path = s, pg_catalog", "COPY t (a) WITH OIDS FROM stdin", "s", "t", "a", 2, true, true, true,
         true},
        {"", "COPY t (a) FROM STDIN WITH (FORMAT csv)", "public", "t", "a", 1, true, true, false, false},
        {"", "COPY t (a) FROM STDIN CSV HEADER", "public", "t", "a", 1, true, true, false, false},
        {"", "COPY t (a) FROM STDIN WITH (FREEZE, FORMAT text)", "public", "t", "a", 1, true, true, true, false},
        {"", "COPY BINARY t FROM STDIN", "public", "t", "", -1, true, true, false, false},
        {"", "COPY t FROM '/etc/passwd'", "public", "t", "", -1, true, false, true, false},
        {"", "COPY t TO stdout", "", "", "", 0, false, false, false, false},
        {"", "COPY (SELECT 1) TO stdout", "", "", "", 0, false, false, false, false},
        {"", "INSERT INTO \"S\".t (a, b)", "S", "t", "a,b", 2, true, false, false, false},
        {"", "INSERT INTO t AS x", "public", "t", "", -1, true, false, false, false},
        {"", "SELECT 1", "", "", "", 0, false, false, false, false},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Arena *arena = arena_new();
        Inventory *inventory = inventory_new(arena, INVENTORY_BACKUP, "test");
        Ddl *ddl = ddl_new(arena, inventory);
        ddl_apply(ddl, text_of(rows[at].before));
        DdlTarget target;
        assert_int_equal(ddl_data_target(ddl, text_of(rows[at].statement), &target), rows[at].ok);
        if (rows[at].ok) {
            Buf *columns = buf_new(arena, 1000);
            put_names(columns, target.columns.items, target.columns.count);
            assert_string_equal(columns->at, arena_printf(arena, "(%s)", rows[at].columns));
            assert_string_equal(target.schema, rows[at].schema);
            assert_string_equal(target.name, rows[at].name);
            assert_int_equal(target.from_stdin, rows[at].from_stdin);
            assert_int_equal(target.plain, rows[at].plain);
            assert_int_equal(target.oids, rows[at].oids);
            if (target.from_stdin)
                assert_int_equal(target.width, rows[at].width);
            assert_int_equal(inventory->tables.count, 1);
        }
        arena_free(arena);
    }
}

/* A child whose parent got a column later: data lists the columns in the database's order. */
static void data_orders_columns(void **state) {
    Arena *arena = arena_new();
    Inventory *inventory = inventory_new(arena, INVENTORY_BACKUP, "test");
    Ddl *ddl = ddl_new(arena, inventory);
    DdlTarget target;
    ddl_apply(ddl, TEXT("CREATE TABLE p (a int, late int); CREATE TABLE c (b int) INHERITS (p);"
                        "CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a) STORED);"));
    assert_true(ddl_data_target(ddl, TEXT("COPY public.c (a, b, late) FROM stdin"), &target));
    assert_true(ddl_data_target(ddl, TEXT("COPY public.g (a) FROM stdin"), &target));
    assert_true(ddl_data_target(ddl, TEXT("COPY public.p (a, other) FROM stdin"), &target));
    assert_string_equal(render(arena, inventory, true),
                        "r public.c(a,b,late)\nr public.g(a,b)(a)\nr public.p(a,late)\n");
    arena_free(arena);
}

/* ---- a script and an archive of the same database ---- */

static const char *fixture(Arena *arena, const char *name) {
    const char *source = getenv("LIFEBOAT_SOURCE");
    assert_non_null(source);
    return arena_printf(arena, "%s/tests/fixtures/%s", source, name);
}

static Err *on_statement(void *context, const SqlStatement *statement) {
    DdlTarget target;
    ddl_statement(context, statement->text);
    ddl_data_target(context, statement->text, &target);
    return NULL;
}

static Err *on_insert(void *context, const SqlInsert *insert) {
    return NULL;
}

static Err *on_command(void *context, const SqlStatement *command, bool inside) {
    assert_false(inside);
    return NULL;
}

static Err *on_comment(void *context, const SqlStatement *comment) {
    return NULL;
}

/* Good enough for fixtures: one chunk, and no row of theirs is "\." */
static Err *on_copy(void *context, Text bytes, size_t *used, bool *ended) {
    const char *mark = text_starts(bytes, "\\.\n") ? bytes.at : memmem(bytes.at, bytes.length, "\n\\.\n", 4);
    assert_non_null(mark);
    *used = (size_t)(mark - bytes.at) + (mark == bytes.at ? 3 : 4);
    *ended = true;
    return NULL;
}

static Err *more(void *context, Text *piece) {
    Text *rest = context;
    *piece = *rest;
    *rest = (Text){0};
    return NULL;
}

static const char *of_script(Arena *arena, const char *name) {
    Buf *packed;
    assert_null(file_read_all(arena, fixture(arena, name), 1 << 24, &packed));
    Inventory *inventory = inventory_new(arena, INVENTORY_BACKUP, name);
    SqlSink sink = {ddl_new(arena, inventory), on_statement, on_insert, on_command, on_comment, on_copy};
    Sql *sql = sql_new(arena, &sink);
    SqlEnd end;
    Buf *script = buf_new(arena, 1 << 24);
    Text rest = buf_view(packed), piece;
    Unpack *unpack = unpack_new(arena);
    unpack_start(unpack, &unpack_gzip, more, &rest);
    do {
        assert_null(unpack_next(unpack, &piece));
        buf_text(script, piece);
    } while (piece.length > 0);
    assert_null(unpack_damage(unpack)->message);
    assert_null(sql_feed(sql, buf_view(script)));
    assert_null(sql_finish(sql, &end));
    assert_int_equal(end.open, SQL_OPEN_NOTHING);
    return render(arena, inventory, false);
}

static const char *of_archive(Arena *arena, const char *name) {
    Buf *bytes;
    assert_null(file_read_all(arena, fixture(arena, name), 1 << 24, &bytes));
    Text rest = buf_view(bytes);
    Toc *toc = toc_new(arena, more, &rest, bytes->length);
    TocHeader header;
    const TocEntry *entry;
    assert_null(toc_header(toc, &header));
    Inventory *inventory = inventory_new(arena, INVENTORY_BACKUP, name);
    Ddl *ddl = ddl_new(arena, inventory);
    for (;;) {
        assert_null(toc_next(toc, &entry));
        if (entry == NULL)
            break;
        DdlEntry given = {.desc = entry->desc,
                          .schema = entry->schema,
                          .tag = entry->tag,
                          .owner = entry->owner,
                          .definition = entry->definition,
                          .drop = entry->drop};
        ddl_apply_entry(ddl, &given);
        DdlTarget target;
        if (entry->copy[0] != '\0')
            assert_true(ddl_data_target(ddl, text_of(entry->copy), &target));
    }
    return render(arena, inventory, false);
}

static void script_and_archive_agree(void **state) {
    static const char *const versions[] = {"pg13", "pg15", "pg17", "pg18"};
    for (size_t at = 0; at < sizeof(versions) / sizeof(versions[0]); at++) {
        Arena *arena = arena_new();
        const char *script = of_script(arena, arena_printf(arena, "%s/script.sql.gz", versions[at]));
        const char *archive = of_archive(arena, arena_printf(arena, "%s/custom.dump", versions[at]));
        assert_string_equal(script, archive);
        assert_non_null(strstr(script, "r odd.child(id,extra)\n"));
        assert_non_null(strstr(script, "POLICY public.contacts.own_org\n"));
        assert_non_null(strstr(script, "SEQUENCE public.contacts_id_seq @postgres\n"));
        assert_non_null(strstr(script, "sequence public.call_logs_id_seq=1500\n"));
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_statements),         cmocka_unit_test(keeps_settings),
        cmocka_unit_test(finds_data_targets),       cmocka_unit_test(data_orders_columns),
        cmocka_unit_test(script_and_archive_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
