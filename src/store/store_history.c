/* SPDX-License-Identifier: PostgreSQL */
#include "store/store.h"
#include "store/store_record.h"
#include "store/store_sqlite.h"

#include <string.h>

static Err *read_runs(Arena *arena, Store *store, const char *target, History *history) {
    StoreRow row;
    bool found;
    TRY(store_sqlite_prepare(arena, store,
                             "SELECT run_id, finished_at, verdict, backup_id, backup_taken_at, backup_size FROM run"
                             " WHERE target = ? AND finished_at >= ? ORDER BY finished_at DESC, seq DESC",
                             &row));
    store_sqlite_put_text(&row, target);
    store_sqlite_put_time(&row, time_now() - 90 * TIME_DAY);
    for (;;) {
        TRY(store_sqlite_next(arena, store, &row, &found));
        if (!found)
            return NULL;
        *LIST_PUSH(arena, history->runs) = (HistoryRun){
            .run_id = store_sqlite_text(arena, &row, 0),
            .finished_at = store_sqlite_time(&row, 1),
            .verdict = store_sqlite_text(arena, &row, 2),
            .backup_id = store_sqlite_text(arena, &row, 3),
            .backup_taken_at = store_sqlite_time(&row, 4),
            .backup_size = (uint64_t)store_sqlite_integer(&row, 5),
        };
    }
}

/* The newest verified run of another backup. A backup that is written anew under the same name (nightly.dump) is
 * another one once its file has changed; when the file cannot be looked at it counts as the same. */
static Err *find_verified(Arena *arena, Store *store, const char *target, const char *path, StoreRow *out) {
    const char *absolute;
    Time modified;
    bool found;
    store_record_identity(arena, path == NULL ? "" : path, &absolute, &modified);
    TRY(store_sqlite_prepare(arena, store,
                             "SELECT seq, backup_id, finished_at, backup_taken_at FROM run"
                             " WHERE target = ?1 AND verdict IN ('pass', 'warn') AND finished_at >= ?4"
                             " AND (backup_absolute <> ?2 OR (?3 IS NOT NULL AND backup_modified <> ?3))"
                             " ORDER BY finished_at DESC, seq DESC LIMIT 1",
                             out));
    store_sqlite_put_text(out, target);
    store_sqlite_put_text(out, absolute);
    store_sqlite_put_time(out, modified);
    store_sqlite_put_time(out, time_now() - 90 * TIME_DAY);
    TRY(store_sqlite_next(arena, store, out, &found));
    if (!found)
        out->statement = NULL;
    return NULL;
}

static void set_count(Arena *arena, const StoreRow *row, InventoryTable *table) {
    const char *count = store_sqlite_text(arena, row, 5);
    table->count = strcmp(count, "exact") == 0      ? INVENTORY_EXACT
                   : strcmp(count, "estimate") == 0 ? INVENTORY_ESTIMATE
                                                    : INVENTORY_UNKNOWN;
    table->rows = (uint64_t)store_sqlite_integer(row, 6);
    if (table->count == INVENTORY_UNKNOWN)
        table->unknown_why = store_sqlite_text(arena, row, 7);
    table->bytes = (uint64_t)store_sqlite_integer(row, 8);
    table->digested = hash_sum_parse(text_of(store_sqlite_text(arena, row, 9)), &table->digest);
}

static Err *read_tables(Arena *arena, Store *store, int64_t run, Inventory *inventory) {
    StoreRow row;
    bool found;
    TRY(store_sqlite_prepare(
        arena, store,
        "SELECT database, schema, name, kind, flags, count, rows, why, bytes, digest FROM table_count"
        " WHERE run = ? ORDER BY position",
        &row));
    store_sqlite_put_integer(&row, run);
    for (;;) {
        TRY(store_sqlite_next(arena, store, &row, &found));
        if (!found)
            return NULL;
        InventoryTable *table = inventory_table(inventory, store_sqlite_text(arena, &row, 0),
                                                store_sqlite_text(arena, &row, 1), store_sqlite_text(arena, &row, 2));
        int64_t flags = store_sqlite_integer(&row, 4);
        table->kind = store_sqlite_text(arena, &row, 3)[0];
        table->unlogged = (flags & STORE_RECORD_UNLOGGED) != 0;
        table->partition = (flags & STORE_RECORD_PARTITION) != 0;
        table->has_data = (flags & STORE_RECORD_DATA) != 0;
        set_count(arena, &row, table);
    }
}

static Err *read_verified(Arena *arena, Store *store, StoreRow *verified, History *history) {
    int64_t run = store_sqlite_integer(verified, 0);
    const char *backup_id = store_sqlite_text(arena, verified, 1);
    Time finished_at = store_sqlite_time(verified, 2), taken_at = store_sqlite_time(verified, 3);
    store_sqlite_done(verified);
    Inventory *inventory = inventory_new(
        arena, INVENTORY_SAVED,
        arena_printf(arena, "backup %s, verified %s", text_safe(arena, backup_id), time_text(arena, finished_at)));
    inventory->taken_at = taken_at;
    TRY(read_tables(arena, store, run, inventory));
    inventory_seal(inventory);
    history->last_verified = inventory;
    history->last_verified_at = finished_at;
    return NULL;
}

Err *store_history(Store *store, Arena *arena, const char *target, const char *backup_path, History **out) {
    StoreRow verified;
    History *history = ARENA_NEW(arena, History);
    history->last_verified_at = TIME_NONE;
    *out = history;
    if (target == NULL || *target == '\0')
        return NULL;
    history->asked = true;
    TRY(read_runs(arena, store, target, history));
    TRY(find_verified(arena, store, target, backup_path, &verified));
    return verified.statement == NULL ? NULL : read_verified(arena, store, &verified, history);
}
