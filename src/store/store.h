/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_STORE_STORE_H
#define LIFEBOAT_STORE_STORE_H

#include "base/config.h"
#include "check/history.h"
#include "verdict/report.h"

/*
 * Store: what lifeboat remembers. SQLite (WAL mode, synchronous=FULL) in a directory of ours, append-only: a run that
 * was reported is never changed or deleted. When a PostgreSQL store is configured each run is queued here first and
 * delivered to backup_verification_log exactly once, in order (store_deliver); while that database is down rows wait.
 */
typedef struct Store Store;

/* Options of the [store] section: directory, postgres (conninfo), postgres_file. NULL-terminated. */
extern const Option *const store_options[];

/* `directory` NULL: $LIFEBOAT_STATE, /var/lib/lifeboat for root, else $XDG_STATE_HOME/lifeboat or
 * ~/.local/state/lifeboat. */
Err *store_open(Arena *arena, const char *directory, Store **out);
const char *store_path(const Store *store);

/* One transaction: the run, its checks, findings and table counts, and the delivery queue entry when `deliver`. */
Err *store_record(Store *store, const Report *report, bool deliver);

/* What earlier runs of the target saw, for the checks. `backup_path` is the backup about to be verified. */
Err *store_history(Store *store, Arena *arena, const char *target, const char *backup_path, History **out);

/* Runs of one target ("" any) since an instant, newest first. */
typedef struct StoreRun {
    const char *run_id, *target, *backup_id, *backup_path, *verdict, *reason, *format;
    Time started_at, finished_at, backup_taken_at;
    uint64_t backup_size, total_rows;
    int proof_level, checks_passed, checks_failed;
    bool delivered, delivery_wanted;
} StoreRun;
typedef LIST(StoreRun) StoreRuns;
Err *store_runs(Store *store, Arena *arena, const char *target, Time since, StoreRuns *out);

/* The full JSON report of a run (run_id or unique prefix), or ERR_NOT_FOUND. */
Err *store_report(Store *store, Arena *arena, const char *run_id, json_t **out);

/* State that notifiers keep between runs: one JSON document per (channel, target). */
Err *store_get_state(Store *store, Arena *arena, const char *channel, const char *target,
                     json_t **out); /* NULL: none */
Err *store_set_state(Store *store, const char *channel, const char *target, const json_t *state);

/* Delivers what waits to the PostgreSQL store at that conninfo; *waiting is what remains. */
Err *store_deliver(Store *store, Arena *arena, const char *conninfo, size_t *delivered, size_t *waiting);

/* Applies db/migrations (compiled in) to that database; idempotent. *applied names what was done, "" when up to date.
 */
Err *store_migrate(Arena *arena, const char *conninfo, const char **applied);

#endif
