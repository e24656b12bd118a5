/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "sandbox/examine_parts.h"

/* Runs one statement that may fail: a failure of the statement is a fact, anything else an error. */
static Err *attempt(Examiner *examiner, ExamineResult *result, const char *sql, const char *where) {
    PGresult *rows = NULL;
    result->looked_at++;
    Err *err = examine_rows(examiner, sql, &rows);
    if (err == NULL)
        return NULL;
    if (!err_is(err, ERR_SERVER))
        return err;
    examine_fact(examiner, result, &(ExamineFact){where, "works", err_text(examiner->arena, err)});
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
    for (int i = 0; i < PQntuples(list); i++) {
        if (PQgetvalue(list, i, 2)[0] == 't') {
            result->looked_at++;
            examine_fact(examiner, result, &(ExamineFact){PQgetvalue(list, i, 0), "populated", "never filled"});
            continue;
        }
        TRY(attempt(examiner, result, PQgetvalue(list, i, 1), PQgetvalue(list, i, 0)));
    }
    return NULL;
}

/* pg_dump creates functions with check_function_bodies off; the validators look at the bodies now. SQL bodies are
 * checked against the tables they name, PL/pgSQL ones for their syntax. */
static const char functions[] =
    "SELECT format('function %s', p.oid::regprocedure), format('SELECT pg_catalog.%I(%s)', v.proname, p.oid) "
    "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang "
    "JOIN pg_proc v ON v.oid = l.lanvalidator AND v.pronamespace = 'pg_catalog'::regnamespace "
    "WHERE l.lanname IN ('sql', 'plpgsql') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT EXISTS "
    "(SELECT FROM pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = "
    "'e') "
    "ORDER BY 1";

Err *examine_code_functions(Examiner *examiner, ExamineResult *result) {
    PGresult *list = NULL;
    TRY(examine_rows(examiner, functions, &list));
    for (int i = 0; i < PQntuples(list); i++)
        TRY(attempt(examiner, result, PQgetvalue(list, i, 1), PQgetvalue(list, i, 0)));
    return NULL;
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
                         &(ExamineFact){where, "consistent", text_dup(examiner->arena, text_trim(line))});
    }
}

Err *examine_code_pages(Examiner *examiner, ExamineResult *result) {
    Arena *arena = examiner->arena;
    PGresult *rows = NULL;
    if (!examiner->request->pages) {
        result->why = "nobody asked for it (amcheck = yes)";
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
    if (run.status == 2)
        amcheck_facts(examiner, result, buf_view(run.output));
    else if (run.status != 0)
        result->why = arena_printf(arena, "pg_amcheck ended with status %d: %s", run.status,
                                   text_quote(arena, text_trim(buf_view(run.errors)), 300));
    if (run.status == 2 && result->found == 0)
        result->why = "pg_amcheck found something and did not say what";
    return NULL;
}
