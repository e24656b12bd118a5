/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "sandbox/examine_parts.h"

/* Kinds of things that extensions bring. */
static bool may_be_of_an_extension(const char *message) {
    static const char *const kinds[] = {"function ", "operator ", "type ", "access method ", "text search "};
    bool is_kind = false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        is_kind |= strncmp(message, kinds[i], strlen(kinds[i])) == 0;
    return is_kind && strstr(message, " does not exist") != NULL;
}

static const char *absent_names(const Examiner *examiner) {
    const char *names = "";
    LIST_EACH (const char *const, name, examiner->request->restore->absent_extensions)
        names = arena_printf(examiner->arena, "%s%s%s", names, names[0] == '\0' ? "" : ", ", *name);
    return names;
}

/* Why a statement had to fail here although nothing is wrong with the backup, or NULL. */
static const char *excuse(const Examiner *examiner, const char *message, const char *statement) {
    if (strstr(message, "in a read-only transaction") != NULL)
        return "it writes when it is asked, so it was not tried";
    const Restore *restore = examiner->request->restore;
    const char *why = restore == NULL ? NULL : restore_excuse(examiner->arena, restore, message, statement);
    if (why == NULL && restore != NULL && restore->absent_extensions.count > 0 && may_be_of_an_extension(message))
        return arena_printf(examiner->arena, "%s: it may belong to what is not installed here (%s)", message,
                            absent_names(examiner));
    return why;
}

/* Something failed: a fact, unless what is missing on this machine explains it. */
static void judge(Examiner *examiner, ExamineResult *result, const char *where, const char *message) {
    const char *why = excuse(examiner, message, where);
    if (why != NULL)
        examine_gap(examiner, result, where, why);
    else
        examine_fact(examiner, result, &(ExamineFact){where, "works", message, false});
}

/* Runs one statement that may fail: a failure of the statement is a fact, anything else an error. */
static Err *attempt(Examiner *examiner, ExamineResult *result, const char *sql, const char *where) {
    PGresult *rows = NULL;
    result->looked_at++;
    TRY(query_try(examiner->arena, examiner->query, sql, NULL, &rows));
    if (!query_succeeded(rows))
        judge(examiner, result, where, query_message(rows));
    return NULL;
}

static const char views[] =
    "SELECT format('%s %I.%I', CASE relkind WHEN 'v' THEN 'view' ELSE 'materialised view' END, n.nspname, c.relname), "
    "format('SELECT * FROM %I.%I LIMIT 1', n.nspname, c.relname), c.relkind = 'm' AND NOT c.relispopulated "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND n.nspname NOT IN "
    "('pg_catalog', 'information_schema') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype "
    "= "
    "'e') ORDER BY 1";

Err *examine_code_views(Examiner *examiner, ExamineResult *result) {
    PGresult *list = NULL;
    TRY(examine_rows(examiner, views, &list));
    TRY(examine_as_application(examiner));
    for (int i = 0; i < PQntuples(list); i++) {
        if (PQgetvalue(list, i, 2)[0] == 't') {
            result->looked_at++;
            examine_fact(examiner, result, &(ExamineFact){PQgetvalue(list, i, 0), "populated", "never filled", false});
            continue;
        }
        TRY(attempt(examiner, result, PQgetvalue(list, i, 1), PQgetvalue(list, i, 0)));
    }
    return NULL;
}

#define OURS                                                                                                           \
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = " \
    "'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')"
#define SIGNATURE "format('function %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))"

/* pg_dump creates functions with check_function_bodies off; the validators look at the bodies now. SQL bodies are
 * checked against the tables they name, PL/pgSQL ones for their syntax. */
static const char functions[] =
    "SELECT " SIGNATURE ", format('SELECT pg_catalog.%I(%s)', v.proname, p.oid), l.lanname "
    "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang "
    "JOIN pg_proc v ON v.oid = l.lanvalidator AND v.pronamespace = 'pg_catalog'::regnamespace "
    "WHERE l.lanname IN ('sql', 'plpgsql') AND " OURS " ORDER BY 1";

static const char other_languages[] =
    "SELECT count(*), string_agg(DISTINCT l.lanname, ', ') FROM pg_proc p JOIN pg_namespace n ON n.oid = "
    "p.pronamespace JOIN pg_language l ON l.oid = p.prolang WHERE l.lanname NOT IN ('sql', 'plpgsql', 'c', 'internal') "
    "AND " OURS;

/* Names that a body uses and that are not there. Not: tables that it may well make itself before it uses them. A
 * trigger function is looked at once for each table it serves. */
static const char bodies[] =
    "SELECT f.signature, c.message FROM (SELECT p.oid, p.prosrc, " SIGNATURE
    " AS signature, coalesce(t.tgrelid, 0) AS rel FROM "
    "pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang LEFT JOIN "
    "pg_trigger t ON t.tgfoid = p.oid AND NOT t.tgisinternal WHERE l.lanname = 'plpgsql' AND (p.prorettype <> "
    "'trigger'::regtype OR t.oid IS NOT NULL) AND p.prorettype <> 'event_trigger'::regtype AND " OURS
    ") f CROSS JOIN LATERAL plpgsql_check_function_tb(f.oid, f.rel, fatal_errors => true, other_warnings => false, "
    "performance_warnings => false, extra_warnings => false) c WHERE c.level = 'error' AND c.sqlstate ~ '^(42|3F)' AND "
    "NOT (c.sqlstate = '42P01' AND f.prosrc ~* '\\mtemp') ORDER BY 1, f.rel, c.lineno";

static bool is_known(const ExamineResult *result, const char *where) {
    LIST_EACH (const ExamineFact, fact, result->facts)
        if (strcmp(fact->where, where) == 0)
            return true;
    return false;
}

/* In a transaction that is rolled back, and with it the extension. */
static Err *check_bodies(Examiner *examiner, ExamineResult *result) {
    Arena *arena = examiner->arena;
    PGresult *rows = NULL;
    TRY(examine_rows(
        examiner,
        "BEGIN READ WRITE; CREATE SCHEMA lifeboat_check; CREATE EXTENSION IF NOT EXISTS plpgsql_check WITH "
        "SCHEMA lifeboat_check",
        &rows));
    TRY(examine_rows(examiner,
                     "SELECT quote_ident(n.nspname), e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = "
                     "e.extnamespace WHERE e.extname = 'plpgsql_check'",
                     &rows));
    result->means = arena_printf(arena, "plpgsql_check %s", text_safe(arena, PQgetvalue(rows, 0, 1)));
    const char *path = arena_printf(arena, "%s, %s", examiner->path, PQgetvalue(rows, 0, 0));
    TRY(query_run(arena, examiner->query, "SELECT pg_catalog.set_config('search_path', $1, true)",
                  (const char *const[]){path, NULL}, &rows));
    TRY(examine_rows(examiner, bodies, &rows));
    for (int i = 0; i < PQntuples(rows); i++)
        if (!is_known(result, text_safe(arena, PQgetvalue(rows, i, 0))))
            judge(examiner, result, PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1));
    return examine_rows(examiner, "ROLLBACK", &rows);
}

/* What the bodies of PL/pgSQL functions refer to is seen by plpgsql_check alone. */
static Err *look_into_bodies(Examiner *examiner, ExamineResult *result) {
    static const char what[] = "What the bodies of PL/pgSQL functions refer to";
    PGresult *rows = NULL;
    TRY(examine_rows(examiner, "SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'plpgsql_check'", &rows));
    result->means = "PL/pgSQL by its syntax only";
    if (PQntuples(rows) == 0) {
        examine_gap(examiner, result, what,
                    "plpgsql_check is not installed on this machine: their syntax was looked at");
        return NULL;
    }
    Err *err = check_bodies(examiner, result);
    if (err != NULL && !err_is(err, ERR_SERVER))
        return err;
    if (err != NULL)
        examine_gap(examiner, result, what, err_text(examiner->arena, err));
    return NULL;
}

Err *examine_code_functions(Examiner *examiner, ExamineResult *result) {
    PGresult *list = NULL, *others = NULL;
    bool procedural = false;
    TRY(examine_rows(examiner, functions, &list));
    TRY(examine_rows(examiner, other_languages, &others));
    if (strcmp(PQgetvalue(others, 0, 0), "0") != 0)
        examine_gap(examiner, result,
                    arena_printf(examiner->arena, "Functions in other languages (%s): %s of them",
                                 PQgetvalue(others, 0, 1), PQgetvalue(others, 0, 0)),
                    "only SQL and PL/pgSQL can be compiled without being run");
    TRY(examine_as_application(examiner));
    for (int i = 0; i < PQntuples(list); i++) {
        procedural = procedural || strcmp(PQgetvalue(list, i, 2), "plpgsql") == 0;
        TRY(attempt(examiner, result, PQgetvalue(list, i, 1), PQgetvalue(list, i, 0)));
    }
    return procedural ? look_into_bodies(examiner, result) : NULL;
}

/* pg_amcheck reads every page of every table and B-tree and looks each row up in its indexes. Its status is 2 when it
 * found corruption, with one line per relation: "btree index "db.schema.name":" and an indented explanation. */
static void amcheck_facts(Examiner *examiner, ExamineResult *result, Text words) {
    const char *where = "the restored copy";
    while (words.length > 0) {
        Text line = text_cut(words, '\n', &words);
        if (text_ends(line, ":") && !text_starts(line, " "))
            where = text_dup(examiner->arena, text_slice(line, 0, line.length - 1));
        else if (text_trim(line).length > 0)
            examine_fact(examiner, result,
                         &(ExamineFact){where, "consistent", text_dup(examiner->arena, text_trim(line)), false});
    }
}

Err *examine_code_pages(Examiner *examiner, ExamineResult *result) {
    Arena *arena = examiner->arena;
    PGresult *rows = NULL;
    if (!examiner->request->pages) {
        result->why = "nobody asked for it (--amcheck)";
        return NULL;
    }
    if (PQserverVersion(examiner->query->connection) < 140000) {
        result->why = "pg_amcheck comes with PostgreSQL 14 and later";
        return NULL;
    }
    TRY(examine_rows(examiner, "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'", &rows));
    const char *program = process_find(arena, tools_program(arena, examiner->request->tools, "pg_amcheck"));
    if (strcmp(PQgetvalue(rows, 0, 0), "0") == 0 || program == NULL) {
        result->why = "amcheck is not installed on this machine";
        return NULL;
    }
    TRY(examine_rows(examiner, "SET default_transaction_read_only = off", &rows));
    TRY(examine_rows(examiner, "CREATE SCHEMA IF NOT EXISTS lifeboat_amcheck", &rows));
    TRY(examine_rows(examiner, "CREATE EXTENSION IF NOT EXISTS amcheck WITH SCHEMA lifeboat_amcheck", &rows));
    TRY(examine_rows(examiner, "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'm', 'i', 't')", &rows));
    text_to_u64(text_of(PQgetvalue(rows, 0, 0)), &result->looked_at);
    ProcessResult run = {0};
    const ProcessRequest request = {
        .arguments = (const char *const[]){program, "--heapallindexed", "--jobs",
                                           arena_printf(arena, "%d", examiner->request->jobs),
                                           examiner->request->conninfo, NULL},
        .environment = (const char *const[]){"LC_ALL=C", "PGAPPNAME=lifeboat", NULL},
        .deadline = examiner->request->deadline,
    };
    TRY(process_run(arena, &request, &run));
    TRY(examine_rows(examiner, "DROP SCHEMA lifeboat_amcheck CASCADE", &rows));
    TRY(examine_rows(examiner, "SET default_transaction_read_only = on", &rows));
    if (run.status == 2)
        amcheck_facts(examiner, result, buf_view(run.output));
    else if (run.status != 0)
        result->why = arena_printf(arena, "pg_amcheck ended with status %d: %s", run.status,
                                   text_quote(arena, text_trim(buf_view(run.errors)), 300));
    if (run.status == 2 && result->found == 0)
        result->why = "pg_amcheck found something and did not say what";
    return NULL;
}
