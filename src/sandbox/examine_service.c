/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/text.h"
#include "pg/identifier.h"
#include "sandbox/examine_parts.h"

/* ---- the application's own questions ---- */

static Err *become(Examiner *examiner, const char *role, const char *claims) {
    PGresult *rows = NULL;
    if (claims != NULL)
        TRY(query_run(examiner->arena, examiner->query, "SELECT pg_catalog.set_config('request.jwt.claims', $1, true)",
                      (const char *const[]){claims, NULL}, &rows));
    if (role != NULL)
        TRY(examine_rows(
            examiner,
            arena_printf(examiner->arena, "SET LOCAL ROLE %s", identifier_always_quote(examiner->arena, role)), &rows));
    return NULL;
}

static Err *ask(Examiner *examiner, const ExamineQuestion *question, PGresult **rows) {
    PGresult *begun = NULL;
    TRY(examine_rows(examiner, "BEGIN READ ONLY", &begun));
    TRY(become(examiner, question->role, question->claims));
    return examine_rows(examiner, question->sql, rows);
}

Err *examine_service_questions(Examiner *examiner, ExamineResult *result) {
    Arena *arena = examiner->arena;
    if (examiner->request->question_count == 0) {
        result->why = "no questions are configured";
        return NULL;
    }
    TRY(examine_as_application(examiner));
    for (size_t i = 0; i < examiner->request->question_count; i++) {
        const ExamineQuestion *question = &examiner->request->questions[i];
        PGresult *rows = NULL, *done = NULL;
        Err *err = ask(examiner, question, &rows);
        if (err != NULL && !err_is(err, ERR_SERVER))
            return err;
        TRY(examine_rows(examiner, "ROLLBACK", &done));
        result->looked_at++;
        bool whole = strncmp(question->expect, "sha256:", 7) == 0; /* every row and column of the answer */
        const char *answer = err != NULL                                    ? err_text(arena, err)
                             : whole                                        ? examine_digest(arena, rows)
                             : PQntuples(rows) == 0 || PQnfields(rows) == 0 ? NULL
                             : PQgetisnull(rows, 0, 0)                      ? "NULL"
                                                                            : PQgetvalue(rows, 0, 0);
        if (err == NULL && examine_expects(question->expect, answer, (size_t)PQntuples(rows)))
            continue;
        examine_fact(examiner, result,
                     &(ExamineFact){arena_printf(arena, "question %s (%s)", question->name, question->reason),
                                    question->expect, answer == NULL ? "no row" : answer, false});
    }
    return NULL;
}

/* ---- writing ---- */

/* A column that can be set to itself: the change goes through triggers, constraints and indexes, and is rolled back. No
 * row when there is no such table; NULL when it has no column to set. And the table's name. */
static const char writable[] =
    "SELECT (SELECT format('UPDATE %s SET %I = %I WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM %s LIMIT 1)', "
    "c.oid::regclass, a.attname, a.attname, c.oid::regclass) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum "
    "> 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a' ORDER BY a.attnum LIMIT 1), "
    "c.oid::regclass::text FROM "
    "pg_class c WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')";

typedef struct Untried {
    const char *names; /* of the first tables without a row, or NULL */
    unsigned count;
} Untried;

static Err *try_write(Examiner *examiner, ExamineResult *result, const char *table, const char *sql, bool *tried) {
    PGresult *done = NULL, *ended = NULL;
    TRY(examine_rows(examiner, "BEGIN READ WRITE", &done));
    TRY(examine_as_application(examiner));
    Err *err = examine_rows(examiner, sql, &done);
    if (err != NULL && !err_is(err, ERR_SERVER))
        return err;
    if (err != NULL)
        examine_fact(examiner, result, &(ExamineFact){table, "writable", err_text(examiner->arena, err), false});
    *tried = err != NULL || strcmp(PQcmdTuples(done), "0") != 0;
    return examine_rows(examiner, "ROLLBACK", &ended);
}

static Err *write_one(Examiner *examiner, ExamineResult *result, const char *table, Untried *untried) {
    PGresult *rows = NULL;
    bool tried = false;
    TRY(query_run(examiner->arena, examiner->query, writable, (const char *const[]){table, NULL}, &rows));
    if (PQntuples(rows) != 1) {
        result->looked_at++;
        examine_fact(examiner, result, &(ExamineFact){table, "writable", "there is no such table", false});
        return NULL;
    }
    table = PQgetvalue(rows, 0, 1);
    if (!PQgetisnull(rows, 0, 0))
        TRY(try_write(examiner, result, table, PQgetvalue(rows, 0, 0), &tried));
    result->looked_at += tried;
    if (!tried && untried->count++ < 3)
        untried->names =
            untried->names == NULL ? table : arena_printf(examiner->arena, "%s, %s", untried->names, table);
    return NULL;
}

Err *examine_service_writes(Examiner *examiner, ExamineResult *result) {
    PGresult *rows = NULL;
    /* The database as a whole first: a new table, a row, all rolled back. */
    static const char *const steps[] = {"BEGIN READ WRITE", "CREATE SCHEMA lifeboat_probe",
                                        "CREATE TABLE lifeboat_probe.probe AS SELECT 1 AS x",
                                        "DELETE FROM lifeboat_probe.probe", "ROLLBACK"};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        Err *err = examine_rows(examiner, steps[i], &rows);
        if (err == NULL)
            continue;
        if (!err_is(err, ERR_SERVER))
            return err;
        examine_fact(examiner, result,
                     &(ExamineFact){"the database", "writable", err_text(examiner->arena, err), false});
        return NULL;
    }
    Untried untried = {0};
    for (const char *const *table = examiner->request->tables; table != NULL && *table != NULL; table++)
        TRY(write_one(examiner, result, *table, &untried));
    result->means = "a new table was made";
    if (untried.count > 0)
        examine_gap(examiner, result,
                    arena_printf(examiner->arena, "Writing to %u table%s: %s%s", untried.count,
                                 untried.count == 1 ? "" : "s", untried.names, untried.count > 3 ? ", ..." : ""),
                    "there is no row that could be set to itself");
    return NULL;
}

/* ---- strangers ---- */

/* Somebody who is logged in and belongs to nobody: an id that no row can hold. */
static const char stranger[] = "{\"sub\": \"00000000-0000-4000-8000-00006c696665\", \"role\": \"authenticated\"}";

/* Whatever these roles may select from: a table without row-level security shows them all, and so does a view that
 * runs as its owner. */
static const char visible[] =
    "SELECT c.oid::regclass::text, format('SELECT count(*) FROM (SELECT FROM %s LIMIT 1000) s', c.oid::regclass), "
    "r.rolname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN pg_roles r WHERE "
    "c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND r.rolname IN "
    "('anon', 'authenticated') AND (c.relkind <> 'm' OR c.relispopulated) AND NOT c.relispartition AND "
    "has_table_privilege(r.oid, c.oid, 'SELECT') AND has_schema_privilege(r.oid, n.oid, 'USAGE') AND NOT EXISTS "
    "(SELECT FROM pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = "
    "'e') ORDER BY 1, 3";

/* Whether a table is protected by row-level security although neither role may ask for it: then there was nothing to
 * try it with. */
static const char guarded[] = "SELECT count(*) FROM pg_class WHERE relrowsecurity";

static bool is_open(const Examiner *examiner, const char *table) {
    for (const char *const *open = examiner->request->open_tables; open != NULL && *open != NULL; open++)
        if (strcmp(*open, table) == 0)
            return true;
    return false;
}

Err *examine_service_strangers(Examiner *examiner, ExamineResult *result) {
    Arena *arena = examiner->arena;
    PGresult *list = NULL, *done = NULL;
    TRY(examine_rows(examiner, visible, &list));
    TRY(examine_rows(examiner, guarded, &done));
    if (PQntuples(list) == 0 && strcmp(PQgetvalue(done, 0, 0), "0") != 0) {
        result->why = "neither anon nor authenticated may read a table here: there is nobody to try row-level security "
                      "with (dumps made with --no-acl hold no grants)";
        return NULL;
    }
    TRY(examine_as_application(examiner));
    for (int i = 0; i < PQntuples(list); i++) {
        const char *table = PQgetvalue(list, i, 0), *role = PQgetvalue(list, i, 2);
        if (is_open(examiner, table))
            continue;
        PGresult *rows = NULL;
        const ExamineQuestion question = {.role = role,
                                          .claims = strcmp(role, "anon") == 0 ? "{\"role\": \"anon\"}" : stranger,
                                          .sql = PQgetvalue(list, i, 1)};
        Err *err = ask(examiner, &question, &rows);
        if (err != NULL && !err_is(err, ERR_SERVER))
            return err;
        TRY(examine_rows(examiner, "ROLLBACK", &done));
        result->looked_at++;
        /* A policy that raises an error shows nothing to the stranger either, but it is worth knowing. */
        const char *found = err != NULL ? err_text(arena, err) : PQgetvalue(rows, 0, 0);
        if (err != NULL || strcmp(found, "0") != 0)
            examine_fact(examiner, result,
                         &(ExamineFact){.where = arena_printf(arena, "%s as %s", table, role),
                                        .expected = "no rows for a stranger",
                                        .found = err != NULL ? found : arena_printf(arena, "%s rows", found)});
    }
    return NULL;
}
