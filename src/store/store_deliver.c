/* SPDX-License-Identifier: PostgreSQL */
#include "store/store.h"

#include <string.h>

#include "store/store_postgres.h"
#include "store/store_sqlite.h"

/*
 * Exactly once: run_id is unique in the log, so a row that arrived although the answer did not is met as a conflict at
 * the next attempt, and counts as delivered. In order: a process sends run n only after it saw n-1 arrive, so several
 * processes that deliver at the same time cannot overtake each other.
 */
enum { BACKUP_ID = 1, ERROR_DETAILS = 7, TARGET = 9, REPORT = 19, PARAMETERS = 20 };

static const char insert_row[] =
    "INSERT INTO backup_verification_log (verified_at, backup_id, backup_age_hours, backup_size_mb, status, "
    "checks_passed,"
    " checks_failed, error_details, run_id, target, verdict, proof_level, attested, started_at, backup_taken_at,"
    " backup_size_bytes, total_rows, tool_version, recorded_by, report)"
    " VALUES (timestamptz 'epoch' + $1::bigint * interval '1 microsecond', $2, $3::integer, $4::integer, $5, "
    "$6::integer,"
    " $7::integer, $8::jsonb, $9::uuid, $10, $11, $12::integer, $13::boolean,"
    " timestamptz 'epoch' + $14::bigint * interval '1 microsecond',"
    " timestamptz 'epoch' + $15::bigint * interval '1 microsecond', $16::bigint, $17::bigint, $18, $19, $20::jsonb)"
    " ON CONFLICT (run_id) DO NOTHING";

/* Column order of the query is that of insert_row's parameters; 3, 4 and 5 are computed here. Ages are rounded up and
 * sizes down, so that "no older than 24 h" and "at least 10 MB" mean what they say. */
static const char select_waiting[] =
    "SELECT seq, finished_at, backup_id,"
    " CASE WHEN backup_taken_at IS NOT NULL THEN max(-2147483648, min(2147483647,"
    "   (finished_at - backup_taken_at) / 3600000000 + ((finished_at - backup_taken_at) % 3600000000 > 0))) END,"
    " min(2147483647, backup_size / 1000000),"
    " CASE verdict WHEN 'pass' THEN 'success' WHEN 'warn' THEN 'warning' ELSE 'failure' END,"
    " checks_passed, checks_failed, error_details, run_id, target, verdict, proof_level, attested, started_at,"
    " backup_taken_at, backup_size, total_rows, tool_version, recorded_by, report"
    " FROM run WHERE seq = (SELECT run FROM delivery WHERE run NOT IN (SELECT run FROM delivered) ORDER BY seq LIMIT "
    "1)";

/* jsonb refuses the escape \u0000; JSON text holds it only where a backslash that is not itself escaped precedes. */
static const char *without_nul(Arena *arena, const char *json) {
    char *copy = arena_strdup(arena, json);
    for (char *at = copy; *at != '\0'; at++) {
        if (*at != '\\')
            continue;
        if (strncmp(at, "\\u0000", 6) == 0)
            memcpy(at, "\\ufffd", 6);
        at++; /* what a backslash escapes; jansson writes no string that ends in one */
    }
    return copy;
}

static Err *next_waiting(Arena *arena, Store *store, int64_t *run, const char **values) {
    StoreRow row;
    bool found;
    *run = 0;
    TRY(store_sqlite_prepare(arena, store, select_waiting, &row));
    TRY(store_sqlite_next(arena, store, &row, &found));
    if (!found)
        return NULL;
    *run = store_sqlite_integer(&row, 0);
    for (int i = 0; i < PARAMETERS; i++)
        values[i] = store_sqlite_null(&row, i + 1) ? NULL : store_sqlite_text(arena, &row, i + 1);
    store_sqlite_done(&row);
    /* A file's name may hold bytes that are no UTF-8, which the server would refuse. */
    values[BACKUP_ID] = text_safe(arena, values[BACKUP_ID]);
    values[TARGET] = text_safe(arena, values[TARGET]);
    values[REPORT] = without_nul(arena, values[REPORT]);
    if (values[ERROR_DETAILS] != NULL)
        values[ERROR_DETAILS] = without_nul(arena, values[ERROR_DETAILS]);
    return NULL;
}

static Err *mark_delivered(Arena *arena, Store *store, int64_t run) {
    StoreRow row;
    TRY(store_sqlite_prepare(arena, store,
                             "INSERT INTO delivered (run, at) SELECT ?1, ?2"
                             " WHERE NOT EXISTS (SELECT 1 FROM delivered WHERE run = ?1)",
                             &row));
    store_sqlite_put_integer(&row, run);
    store_sqlite_put_time(&row, time_now());
    return store_sqlite_send(arena, store, &row);
}

static Err *deliver_all(Arena *arena, Store *store, const char *conninfo, size_t *delivered) {
    StorePostgres session;
    TRY(store_postgres_connect(arena, conninfo, &session));
    for (;;) {
        Arena *work = arena_child(arena);
        const char *values[PARAMETERS];
        PGresult *result;
        int64_t run;
        TRY(next_waiting(work, store, &run, values));
        if (run == 0)
            return NULL;
        StoreStatement insert = {.sql = insert_row, .count = PARAMETERS, .values = values};
        TRY(store_postgres_query(work, &session, &insert, &result));
        TRY(mark_delivered(work, store, run));
        ++*delivered;
        arena_free(work);
    }
}

static Err *count_waiting(Arena *arena, Store *store, size_t *waiting, Time *oldest) {
    StoreRow row;
    bool found;
    TRY(store_sqlite_prepare(arena, store,
                             "SELECT count(*), min(finished_at) FROM run WHERE seq IN"
                             " (SELECT run FROM delivery WHERE run NOT IN (SELECT run FROM delivered))",
                             &row));
    TRY(store_sqlite_next(arena, store, &row, &found));
    *waiting = (size_t)store_sqlite_integer(&row, 0);
    *oldest = store_sqlite_time(&row, 1);
    store_sqlite_done(&row);
    return NULL;
}

static const char *explain(Arena *arena, const Err *failure) {
    const char *hint = err_first_hint(failure), *text = err_text(arena, failure);
    return hint == NULL ? text : arena_printf(arena, "%s; try: %s", text, hint);
}

static Err *remember_attempt(Arena *arena, Store *store, size_t delivered, const Err *failure) {
    StoreRow row;
    TRY(store_sqlite_prepare(arena, store, "INSERT INTO attempt (at, delivered, error) VALUES (?, ?, ?)", &row));
    store_sqlite_put_time(&row, time_now());
    store_sqlite_put_unsigned(&row, delivered);
    store_sqlite_put_text(&row, failure == NULL ? NULL : explain(arena, failure));
    return store_sqlite_send(arena, store, &row);
}

Err *store_deliver(Store *store, Arena *arena, const char *conninfo, size_t *delivered, size_t *waiting) {
    Time oldest;
    *delivered = 0;
    TRY(count_waiting(arena, store, waiting, &oldest));
    if (*waiting == 0)
        return NULL;
    Err *err = deliver_all(arena, store, conninfo, delivered);
    TRY(remember_attempt(arena, store, *delivered, err));
    TRY(count_waiting(arena, store, waiting, &oldest));
    return err;
}

Err *store_deliver_queue(Store *store, Arena *arena, StoreQueue *out) {
    StoreRow row;
    bool found;
    *out = (StoreQueue){.oldest = TIME_NONE, .tried_at = TIME_NONE};
    TRY(count_waiting(arena, store, &out->waiting, &out->oldest));
    TRY(store_sqlite_prepare(arena, store, "SELECT at, error FROM attempt ORDER BY seq DESC LIMIT 1", &row));
    TRY(store_sqlite_next(arena, store, &row, &found));
    if (!found)
        return NULL;
    out->tried_at = store_sqlite_time(&row, 0);
    out->error = store_sqlite_null(&row, 1) ? NULL : store_sqlite_text(arena, &row, 1);
    store_sqlite_done(&row);
    return NULL;
}
