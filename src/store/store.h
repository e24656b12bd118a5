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
 *
 * Several processes may use one store at once; a Store itself belongs to one thread. The directory must be on a local
 * file system (SQLite's WAL mode does not work over NFS).
 */
typedef struct Store Store;

/* Options of the [store] section: directory, postgres (conninfo, with its twin postgres_file). NULL-terminated. */
extern const Option *const store_options[];

/* What the [store] section says: NULL where it says nothing. ERR_CONFIG when it is wrong. */
typedef struct StoreSetup {
    const char *directory;
    bool delivers;        /* a PostgreSQL store is configured */
    const char *postgres; /* conninfo: never show it, see live_label */
} StoreSetup;
Err *store_setup(Arena *arena, const Config *config, StoreSetup *out);

/* The same without reading the secret, for those who only look and may have no right to it: `postgres` stays NULL. */
Err *store_setup_to_look(Arena *arena, const Config *config, StoreSetup *out);

/* `directory` NULL: $LIFEBOAT_STATE, /var/lib/lifeboat for root, else $XDG_STATE_HOME/lifeboat or
 * ~/.local/state/lifeboat. */
Err *store_open(Arena *arena, const char *directory, Store **out);
const char *store_path(const Store *store);

/* Reads the whole file and looks for damage (PRAGMA quick_check): ERR_DATA says what was found. */
Err *store_examine(Store *store, Arena *arena);

/* One transaction: the run, its checks, findings and table counts, and the delivery queue entry when `deliver`. */
Err *store_record(Store *store, const Report *report, bool deliver);

/* What earlier runs of the target saw, for the checks. `backup_path` is the backup about to be verified: last_verified
 * comes from a run of another one (another path, or a file at that path changed since). */
Err *store_history(Store *store, Arena *arena, const char *target, const char *backup_path, History **out);

/* Runs of one target ("" any) that finished since an instant (TIME_NONE: ever), newest first. */
typedef struct StoreRun {
    const char *run_id, *target, *backup_id, *backup_path, *verdict, *reason, *format;
    Time started_at, finished_at, backup_taken_at;
    uint64_t backup_size, total_rows;              /* 0 when there was no backup to open */
    int proof_level, checks_passed, checks_failed; /* skipped checks are in neither */
    bool delivered, delivery_wanted;
} StoreRun;
typedef LIST(StoreRun) StoreRuns;
Err *store_runs(Store *store, Arena *arena, const char *target, Time since, StoreRuns *out);

/* The newest run of every target, by target name. */
Err *store_runs_latest(Store *store, Arena *arena, StoreRuns *out);

/* The full JSON report of a run (run_id or unique prefix), or ERR_NOT_FOUND. */
Err *store_report(Store *store, Arena *arena, const char *run_id, json_t **out);

/* State that notifiers keep between runs: one JSON document per (channel, target). */
Err *store_get_state(Store *store, Arena *arena, const char *channel, const char *target,
                     json_t **out); /* NULL: none */
Err *store_set_state(Store *store, const char *channel, const char *target, const json_t *state);

/* Delivers what waits to the PostgreSQL store at that conninfo, oldest first, and stops at the first that fails;
 * *waiting is what remains, also when an error is returned. The attempt and its error are remembered for
 * store_deliver_queue. */
Err *store_deliver(Store *store, Arena *arena, const char *conninfo, size_t *delivered, size_t *waiting);

typedef struct StoreQueue {
    size_t waiting;
    Time oldest;       /* when the oldest waiting run finished; TIME_NONE when none waits */
    Time tried_at;     /* last attempt, TIME_NONE when there was none */
    const char *error; /* why the last attempt failed; NULL when it did not */
} StoreQueue;
Err *store_deliver_queue(Store *store, Arena *arena, StoreQueue *out);

/* Applies db/migrations (compiled in) to that database; idempotent. *applied names what was done, separated by commas,
 * "" when it was up to date. With `dry_run` nothing is changed: *applied names what would be done. */
Err *store_migrate(Arena *arena, const char *conninfo, bool dry_run, const char **applied);

/* The migrations themselves, in order; the list ends with a NULL name. */
typedef struct StoreMigration {
    const char *name; /* "0001_backup_verification_log" */
    const char *sql;
} StoreMigration;
extern const StoreMigration store_migrations[];

#endif
