/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/examine.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "sandbox/examine_parts.h"

void examine_fact(Examiner *examiner, ExamineResult *result, const ExamineFact *fact) {
    Arena *arena = examiner->arena;
    result->found++;
    if (result->facts.count < EXAMINE_FACTS)
        *LIST_PUSH(arena, result->facts) = (ExamineFact){.where = text_safe(arena, fact->where),
                                                         .expected = text_safe(arena, fact->expected),
                                                         .found = text_safe(arena, fact->found),
                                                         .lesser = fact->lesser};
}

void examine_gap(Examiner *examiner, ExamineResult *result, const char *what, const char *why) {
    Arena *arena = examiner->arena;
    if (result->gaps.count < EXAMINE_FACTS)
        *LIST_PUSH(arena, result->gaps) = (ExamineGap){.what = text_safe(arena, what), .why = text_safe(arena, why)};
}

Err *examine_as_application(Examiner *examiner) {
    PGresult *result = NULL;
    const char *sql = "SELECT pg_catalog.set_config('search_path', $1, false)";
    return query_run(examiner->arena, examiner->query, sql, (const char *const[]){examiner->path, NULL}, &result);
}

Err *examine_rows(Examiner *examiner, const char *sql, PGresult **out) {
    return query_run(examiner->arena, examiner->query, sql, NULL, out);
}

/* Probes that are one statement: the first row counts what was looked at; the others are facts: where, expected, found.
 */
static const struct {
    ExamineProbe probe;
    const char *count;
    const char *facts;
} statements[] = {
    {EXAMINE_INDEXES,
     "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = "
     "c.relnamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')",
     "SELECT format('index %I of %I.%I', c.relname, n.nspname, t.relname), 'valid', 'not valid' FROM pg_index i JOIN "
     "pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = "
     "c.relnamespace WHERE NOT (i.indisvalid AND i.indisready AND i.indislive) ORDER BY 1"},
    {EXAMINE_CONSTRAINTS,
     "SELECT count(*) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE k.conrelid <> 0 AND "
     "k.contype <> 'n' AND n.nspname NOT IN ('pg_catalog', 'information_schema')",
     "SELECT format('constraint %I of %s', conname, conrelid::regclass), 'validated', 'not valid' FROM pg_constraint "
     "WHERE conrelid <> 0 AND NOT convalidated ORDER BY 1"},
    {EXAMINE_TRIGGERS, "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal",
     "SELECT format('trigger %I of %s', tgname, tgrelid::regclass), 'enabled', 'disabled' FROM pg_trigger WHERE NOT "
     "tgisinternal AND tgenabled = 'D' ORDER BY 1"},
    {EXAMINE_POLICIES, "SELECT count(DISTINCT polrelid) FROM pg_policy",
     "SELECT polrelid::regclass::text, 'row-level security on', 'off, although it has policies: ' || "
     "string_agg(quote_ident(polname), ', ' ORDER BY polname) FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE "
     "NOT c.relrowsecurity GROUP BY polrelid ORDER BY 1"},
};

static Err *run_statement(Examiner *examiner, size_t row, ExamineResult *result) {
    PGresult *rows = NULL;
    uint64_t count = 0;
    TRY(examine_rows(examiner, statements[row].count, &rows));
    text_to_u64(text_of(PQgetvalue(rows, 0, 0)), &count);
    result->looked_at = count;
    TRY(examine_rows(examiner, statements[row].facts, &rows));
    for (int i = 0; i < PQntuples(rows); i++)
        examine_fact(examiner, result,
                     &(ExamineFact){PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1), PQgetvalue(rows, i, 2), false});
    return NULL;
}

/* ---- expectations ---- */

static bool is_number(const char *text, double *out) {
    char *end = NULL;
    *out = strtod(text, &end);
    return end != text && *end == '\0';
}

static bool compare(const char *answer, Text operator, const char * wanted) {
    double left, right;
    bool numbers = is_number(answer, &left) && is_number(wanted, &right);
    int order = numbers ? (left > right) - (left < right) : strcmp(answer, wanted);
    if (text_is(operator, "="))
        return order == 0;
    if (text_is(operator, "!="))
        return order != 0;
    if (text_is(operator, ">"))
        return order > 0;
    if (text_is(operator, ">="))
        return order >= 0;
    return text_is(operator, "<") ? order < 0 : order <= 0;
}

/* One row as COPY would write it: tabs between values, \N for NULL, a newline at the end (CopyAttributeOutText). */
static void copy_row(Buf *buf, const PGresult *rows, int row) {
    static const char plain[] = "\b\f\n\r\t\v\\", escaped[] = "bfnrtv\\";
    for (int field = 0; field < PQnfields(rows); field++) {
        if (field > 0)
            buf_byte(buf, '\t');
        if (PQgetisnull(rows, row, field))
            buf_string(buf, "\\N");
        const char *found;
        for (const char *at = PQgetvalue(rows, row, field); *at != '\0'; at++) {
            if ((found = strchr(plain, *at)) != NULL)
                buf_byte(buf, '\\');
            buf_byte(buf, found == NULL ? *at : escaped[found - plain]);
        }
    }
    buf_byte(buf, '\n');
}

const char *examine_digest(Arena *arena, const PGresult *rows) {
    Buf *buf = buf_new(arena, (size_t)1 << 30);
    for (int row = 0; row < PQntuples(rows); row++)
        copy_row(buf, rows, row);
    return buf->full ? "too long an answer" : arena_printf(arena, "sha256:%s", hash_sha256_text(arena, buf_view(buf)));
}

bool examine_expects(const char *expect, const char *answer, size_t rows) {
    static const char *const operators[] = {">=", "<=", "!=", ">", "<", "="};
    if (strcmp(expect, "rows") == 0)
        return rows > 0;
    if (strcmp(expect, "none") == 0)
        return rows == 0;
    if (answer == NULL)
        return false;
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        size_t length = strlen(operators[i]);
        if (strncmp(expect, operators[i], length) != 0)
            continue;
        const char *wanted = expect + length;
        while (*wanted == ' ')
            wanted++;
        return compare(answer, text_of(operators[i]), wanted);
    }
    return strcmp(answer, expect) == 0;
}

/* ---- the whole ---- */

typedef Err *(*Run)(Examiner *examiner, ExamineResult *result);

static const Run runs[EXAMINE_PROBES] = {
    [EXAMINE_FOREIGN_KEYS] = examine_keys_foreign, [EXAMINE_SEQUENCES] = examine_keys_sequences,
    [EXAMINE_VIEWS] = examine_code_views,          [EXAMINE_FUNCTIONS] = examine_code_functions,
    [EXAMINE_PAGES] = examine_code_pages,          [EXAMINE_QUESTIONS] = examine_service_questions,
    [EXAMINE_WRITES] = examine_service_writes,     [EXAMINE_STRANGERS] = examine_service_strangers,
};

static Err *run_probe(Examiner *examiner, ExamineProbe probe, ExamineResult *result) {
    if (runs[probe] != NULL)
        return runs[probe](examiner, result);
    for (size_t row = 0; row < sizeof(statements) / sizeof(statements[0]); row++)
        if (statements[row].probe == probe)
            return run_statement(examiner, row, result);
    result->why = "nobody knows how to look at this";
    return NULL;
}

/* A session that sees everything and cannot hang. */
static Err *connect_to(Examiner *examiner) {
    const ExamineRequest *request = examiner->request;
    int64_t ends = request->deadline == 0 ? 0 : time_monotonic() + request->deadline;
    TRY(query_connect(examiner->arena, request->conninfo, ends, &examiner->query));
    PGresult *result = NULL;
    /* Text as pg_dump writes it; nothing that a view or function does may change the copy. */
    TRY(examine_rows(examiner,
                     "SET search_path = ''; SET statement_timeout = '30min'; SET default_transaction_read_only = on; "
                     "SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3; "
                     "SET bytea_output = 'hex'; SET timezone = 'UTC'",
                     &result));
    TRY(examine_rows(examiner,
                     "SELECT string_agg(quote_ident(nspname), ', ' ORDER BY nspname <> 'public', nspname <> "
                     "'extensions', nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> "
                     "'information_schema'",
                     &result));
    examiner->path = PQgetvalue(result, 0, 0);
    return NULL;
}

/* Nothing of one probe may leak into the next: a failed transaction, a search path. */
static Err *settle(Examiner *examiner) {
    PGresult *result = NULL;
    if (PQtransactionStatus(examiner->query->connection) != PQTRANS_IDLE)
        TRY(examine_rows(examiner, "ROLLBACK", &result));
    return examine_rows(examiner, "SET search_path = ''", &result);
}

Err *examine_copy(Arena *arena, const ExamineRequest *request, Examination **out) {
    Examiner examiner = {.arena = arena, .request = request};
    Examination *examination = ARENA_NEW(arena, Examination);
    int64_t began = time_monotonic();
    TRY(connect_to(&examiner));
    for (ExamineProbe probe = 0; probe < EXAMINE_PROBES; probe++) {
        ExamineResult *result = &examination->results[probe];
        int64_t started = time_monotonic();
        if (request->deadline != 0 && started - began > request->deadline) {
            result->why = "the deadline passed before";
            continue;
        }
        Err *err = run_probe(&examiner, probe, result);
        if (err != NULL && err_is(err, ERR_INTERRUPTED))
            return err;
        if (err != NULL)
            result->why = err_text(arena, err);
        result->ran = result->why == NULL;
        result->seconds = (double)(time_monotonic() - started) / (double)TIME_SECOND;
        TRY(settle(&examiner));
    }
    *out = examination;
    return NULL;
}
