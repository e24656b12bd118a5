/* SPDX-License-Identifier: PostgreSQL */
#include <inttypes.h>
#include <stdlib.h>

#include "base/interrupt.h"
#include "inventory/live_parts.h"
#include "pg/identifier.h"

/*
 * Rows of one table. Each is read inside a savepoint that is rolled back at once: that gives up the lock on the table,
 * and an error of one table does not end the transaction that holds the snapshot.
 *
 * TRUNCATE and rewriting ALTER TABLE do not respect older snapshots: to ours the table would seem empty (chapter
 * "Caveats" of the manual's concurrency part). Both give the table a new file, so the file's number is compared, under
 * the lock.
 */
static const char end_savepoint[] = "ROLLBACK TO lifeboat; RELEASE lifeboat";

typedef struct Counting {
    Arena *arena;
    LiveSession *session;
    const LiveRequest *request;
    const LiveTable *table;
    InventoryTable *out;
    const char *name, *what;
} Counting;

static void unknown(Counting *counting, const char *why) {
    counting->out->count = INVENTORY_UNKNOWN;
    counting->out->rows = 0;
    counting->out->unknown_why = why;
    counting->out->digested = false;
    counting->out->undigested_why = counting->request->digests ? why : NULL;
}

static uint64_t number(const PGresult *result, int column) {
    uint64_t value = 0;
    if (PQntuples(result) == 1)
        text_to_u64(text_of(PQgetvalue(result, 0, column)), &value);
    return value;
}

/* What an error means: the table's rows are unknown, or (an Err) the session is of no more use. */
static Err *take_failure(Counting *counting, const PGresult *failed) {
    const char *reason = live_error_table_reason(counting->arena, counting->session, failed);
    if (reason == NULL)
        return live_error_session(counting->arena, counting->session, failed, counting->what);
    unknown(counting, reason);
    return live_query_run(counting->arena, counting->session, end_savepoint, counting->what, NULL);
}

/* Runs statements of which one may give a row; *rows is NULL when the server refused, which is then told in the table.
 */
static Err *ask(Counting *counting, const char *sql, PGresult **rows) {
    *rows = NULL;
    TRY(live_query_send(counting->arena, counting->session, sql, counting->what));
    PGresult *result = NULL, *failed = NULL;
    Err *err = NULL;
    while ((err = live_query_next(counting->arena, counting->session, counting->what, &result)) == NULL &&
           result != NULL) {
        ExecStatusType status = PQresultStatus(result);
        PGresult **slot = status == PGRES_TUPLES_OK ? rows : status == PGRES_COMMAND_OK ? NULL : &failed;
        if (slot == NULL || *slot != NULL)
            PQclear(result);
        else
            *slot = result;
    }
    if (err == NULL && failed == NULL && *rows != NULL)
        return NULL;
    if (err == NULL) /* else the connection broke between two results */
        err = take_failure(counting, failed);
    PQclear(failed);
    PQclear(*rows);
    *rows = NULL;
    return err;
}

/* As the planner does it: rows per page when last analysed, times the pages of now. */
static void estimate(Counting *counting, uint64_t main_bytes) {
    const LiveTable *table = counting->table;
    uint64_t block = counting->session->block_size > 0 ? counting->session->block_size : 8192;
    if (table->tuples < 0 || table->pages == 0) {
        unknown(counting, "larger than estimate_above, and never analysed: no estimate (run ANALYZE)");
        return;
    }
    double rows = table->tuples / (double)table->pages * ((double)main_bytes / (double)block);
    counting->out->count = INVENTORY_ESTIMATE;
    counting->out->rows = rows >= 1e18 ? (uint64_t)1e18 : (uint64_t)(rows + 0.5);
    counting->out->unknown_why = NULL;
    counting->out->undigested_why = counting->request->digests ? "larger than estimate_above: not read" : NULL;
}

static bool was_rewritten(Counting *counting, uint64_t file_node) {
    if (file_node == counting->table->file_node)
        return false;
    unknown(counting, "it was truncated or rewritten while it was looked at");
    return true;
}

/* Size, then the count unless it is too large, in one statement: pg_table_size stands in a subquery that comes first.
 */
static Err *count_only(Counting *counting) {
    const LiveTable *table = counting->table;
    uint64_t limit = counting->request->estimate_above > 0 ? counting->request->estimate_above : INT64_MAX;
    const char *sql = arena_printf(
        counting->arena,
        "SAVEPOINT lifeboat; SELECT s.size, s.main, pg_relation_filenode(%u),"
        " CASE WHEN s.size > %" PRIu64 " THEN NULL ELSE (SELECT count(*) FROM %s%s %s) END"
        " FROM (SELECT pg_table_size(%u) AS size, pg_relation_size(%u) AS main OFFSET 0) s; %s",
        table->oid, limit > INT64_MAX ? INT64_MAX : limit, table->condition == NULL ? "ONLY " : "", counting->name,
        table->condition == NULL ? "" : table->condition, table->oid, table->oid, end_savepoint);
    PGresult *row;
    TRY(ask(counting, sql, &row));
    if (row == NULL)
        return NULL;
    counting->out->bytes = number(row, 0);
    if (!was_rewritten(counting, number(row, 2))) {
        if (PQgetisnull(row, 0, 3)) {
            estimate(counting, number(row, 1));
        } else {
            counting->out->count = INVENTORY_EXACT;
            counting->out->rows = number(row, 3);
            counting->out->unknown_why = NULL;
        }
    }
    PQclear(row);
    return NULL;
}

/* The same list and the same form of COPY that pg_dump uses (dumpTableData_copy, fmtCopyColumnList). */
static const char *copy_sql(Counting *counting) {
    Buf *sql = buf_new(counting->arena, (size_t)8 << 20);
    const LiveTable *table = counting->table;
    bool filtered = table->condition != NULL && table->condition[0] != '\0';
    buf_printf(sql, "COPY %s%s", filtered ? "(SELECT " : counting->name, filtered ? "" : " ");
    for (size_t at = 0; at < counting->out->copy_columns.count; at++)
        buf_printf(sql, "%s%s",
                   at > 0     ? ", "
                   : filtered ? ""
                              : "(",
                   identifier_always_quote(counting->arena, counting->out->copy_columns.items[at]));
    if (filtered)
        buf_printf(sql, " FROM %s %s)", counting->name, table->condition);
    else if (counting->out->copy_columns.count > 0)
        buf_byte(sql, ')');
    buf_printf(sql, " TO STDOUT; SELECT pg_relation_filenode(%u); %s", table->oid, end_savepoint);
    return sql->at;
}

static Err *digest_rows(Counting *counting, uint64_t *rows, HashSum *sum) {
    char *row = NULL;
    int length;
    for (;;) {
        TRY(live_query_row(counting->arena, counting->session, counting->what, &row, &length));
        if (length < 0)
            return NULL;
        /* The line's newline is not part of the row. */
        hash_sum_add(sum, hash_row(row, length > 0 && row[length - 1] == '\n' ? (size_t)length - 1 : (size_t)length));
        PQfreemem(row);
        if ((++*rows & 4095) == 0 && interrupt_requested())
            TRY(live_query_stop(counting->arena, counting->session));
    }
}

/* The answer to copy_sql: COPY's rows, its end, the file's number, the end of the savepoint; or an error anywhere. */
static Err *copy_table(Counting *counting) {
    uint64_t rows = 0, file_node = 0;
    HashSum sum = {0};
    PGresult *result = NULL, *failed = NULL;
    TRY(live_query_send(counting->arena, counting->session, copy_sql(counting), counting->what));
    Err *err = NULL;
    while (err == NULL &&
           (err = live_query_next(counting->arena, counting->session, counting->what, &result)) == NULL &&
           result != NULL) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_TUPLES_OK)
            file_node = number(result, 0);
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_COPY_OUT && failed == NULL)
            failed = result;
        else
            PQclear(result);
        if (status == PGRES_COPY_OUT)
            err = digest_rows(counting, &rows, &sum);
    }
    if (failed != NULL) {
        if (err == NULL) /* else the connection broke between two results */
            err = take_failure(counting, failed);
        PQclear(failed);
        return err;
    }
    TRY(err);
    if (was_rewritten(counting, file_node))
        return NULL;
    counting->out->count = INVENTORY_EXACT;
    counting->out->rows = rows;
    counting->out->unknown_why = NULL;
    counting->out->digested = true;
    counting->out->digest = sum;
    return NULL;
}

static Err *count_and_digest(Counting *counting) {
    PGresult *row;
    const char *sql =
        arena_printf(counting->arena, "SAVEPOINT lifeboat; SELECT pg_table_size(%u), pg_relation_size(%u)",
                     counting->table->oid, counting->table->oid);
    TRY(ask(counting, sql, &row));
    if (row == NULL)
        return NULL;
    uint64_t size = number(row, 0), main_bytes = number(row, 1);
    PQclear(row);
    counting->out->bytes = size;
    if (counting->request->estimate_above == 0 || size <= counting->request->estimate_above)
        return copy_table(counting);
    estimate(counting, main_bytes);
    return live_query_run(counting->arena, counting->session, end_savepoint, counting->what, NULL);
}

Err *live_count(Arena *arena, LiveSession *session, const LiveRequest *request, const LiveTable *table,
                InventoryTable *out) {
    Counting counting = {.arena = arena, .session = session, .request = request, .table = table, .out = out};
    counting.name = arena_printf(arena, "%s.%s", identifier_always_quote(arena, table->schema),
                                 identifier_always_quote(arena, table->name));
    counting.what = arena_printf(arena, "counting %s", inventory_table_text(arena, out));
    return request->digests ? count_and_digest(&counting) : count_only(&counting);
}
