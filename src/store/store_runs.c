/* SPDX-License-Identifier: PostgreSQL */
#include "store/store.h"
#include "store/store_sqlite.h"

#define COLUMNS                                                                                                        \
    "SELECT run_id, target, backup_id, backup_path, verdict, reason, backup_format, started_at, finished_at,"          \
    " backup_taken_at, backup_size, total_rows, proof_level, checks_passed, checks_failed,"                            \
    " EXISTS (SELECT 1 FROM delivered WHERE delivered.run = run.seq),"                                                 \
    " EXISTS (SELECT 1 FROM delivery WHERE delivery.run = run.seq) FROM run "

static Err *read_runs(Arena *arena, Store *store, StoreRow *row, StoreRuns *out) {
    for (bool found;;) {
        TRY(store_sqlite_next(arena, store, row, &found));
        if (!found)
            return NULL;
        *LIST_PUSH(arena, *out) = (StoreRun){
            .run_id = store_sqlite_text(arena, row, 0),
            .target = store_sqlite_text(arena, row, 1),
            .backup_id = store_sqlite_text(arena, row, 2),
            .backup_path = store_sqlite_text(arena, row, 3),
            .verdict = store_sqlite_text(arena, row, 4),
            .reason = store_sqlite_text(arena, row, 5),
            .format = store_sqlite_text(arena, row, 6),
            .started_at = store_sqlite_time(row, 7),
            .finished_at = store_sqlite_time(row, 8),
            .backup_taken_at = store_sqlite_time(row, 9),
            .backup_size = (uint64_t)store_sqlite_integer(row, 10),
            .total_rows = (uint64_t)store_sqlite_integer(row, 11),
            .proof_level = (int)store_sqlite_integer(row, 12),
            .checks_passed = (int)store_sqlite_integer(row, 13),
            .checks_failed = (int)store_sqlite_integer(row, 14),
            .delivered = store_sqlite_integer(row, 15) != 0,
            .delivery_wanted = store_sqlite_integer(row, 16) != 0,
        };
    }
}

Err *store_runs(Store *store, Arena *arena, const char *target, Time since, StoreRuns *out) {
    StoreRow row;
    bool any = target == NULL || *target == '\0';
    TRY(store_sqlite_prepare(arena, store,
                             any ? COLUMNS "WHERE finished_at >= ?1 ORDER BY finished_at DESC, seq DESC"
                                 : COLUMNS
                                 "WHERE finished_at >= ?1 AND target = ?2 ORDER BY finished_at DESC, seq DESC",
                             &row));
    store_sqlite_put_integer(&row, since); /* TIME_NONE is before every instant */
    if (!any)
        store_sqlite_put_text(&row, target);
    return read_runs(arena, store, &row, out);
}

Err *store_runs_latest(Store *store, Arena *arena, StoreRuns *out) {
    StoreRow row;
    TRY(store_sqlite_prepare(arena, store,
                             COLUMNS "WHERE seq IN (SELECT max(seq) FROM run GROUP BY target) ORDER BY target", &row));
    return read_runs(arena, store, &row, out);
}
