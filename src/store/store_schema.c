/* SPDX-License-Identifier: PostgreSQL */
#include "store/store_schema.h"

#include <string.h>

/* "LIFE": tells our file from any other SQLite database (PRAGMA application_id). */
#define APPLICATION_ID 0x4c494645

#define APPEND_ONLY(table, same_key)                                                                                   \
    "CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table " BEGIN SELECT RAISE(ABORT, '" table                  \
    " is append-only'); END;"                                                                                          \
    "CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table " BEGIN SELECT RAISE(ABORT, '" table                  \
    " is append-only'); END;"                                                                                          \
    "CREATE TRIGGER " table "_no_replace BEFORE INSERT ON " table " WHEN EXISTS (SELECT 1 FROM " table                 \
    " WHERE " same_key ") BEGIN SELECT RAISE(ABORT, '" table " holds this row already'); END;"

/* Instants are microseconds since 1970 UTC. `report` stands last: SQLite then reads the columns before it without it.
 */
static const char run_tables[] =
    "CREATE TABLE run ("
    " seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, target TEXT NOT NULL,"
    " verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'warn', 'fail', 'unknown')), reason TEXT NOT NULL,"
    " proof_level INTEGER NOT NULL, attested INTEGER NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER NOT "
    "NULL,"
    " tool_version TEXT NOT NULL, recorded_by TEXT NOT NULL,"
    " backup_id TEXT NOT NULL, backup_path TEXT NOT NULL, backup_absolute TEXT NOT NULL, backup_format TEXT NOT NULL,"
    " backup_size INTEGER, backup_taken_at INTEGER, backup_modified INTEGER, total_rows INTEGER,"
    " checks_passed INTEGER NOT NULL, checks_failed INTEGER NOT NULL, error_details TEXT, report TEXT NOT NULL);"
    "CREATE INDEX run_target_finished ON run (target, finished_at);"
    "CREATE INDEX run_finished ON run (finished_at);"
    "CREATE TABLE check_result ("
    " run INTEGER NOT NULL REFERENCES run (seq), position INTEGER NOT NULL, check_id TEXT NOT NULL, status TEXT NOT "
    "NULL,"
    " expected TEXT, observed TEXT, why TEXT, seconds REAL, PRIMARY KEY (run, position)) WITHOUT ROWID;"
    "CREATE TABLE finding ("
    " run INTEGER NOT NULL REFERENCES run (seq), position INTEGER NOT NULL, check_id TEXT NOT NULL,"
    " finding_id TEXT NOT NULL, severity TEXT NOT NULL, place TEXT, message TEXT, expected TEXT, found TEXT,"
    " PRIMARY KEY (run, position)) WITHOUT ROWID;"
    "CREATE TABLE table_count ("
    " run INTEGER NOT NULL REFERENCES run (seq), position INTEGER NOT NULL, database TEXT NOT NULL, schema TEXT NOT "
    "NULL,"
    " name TEXT NOT NULL, kind TEXT NOT NULL, flags INTEGER NOT NULL, count TEXT NOT NULL, rows INTEGER, why TEXT,"
    " bytes INTEGER, digest TEXT, PRIMARY KEY (run, position)) WITHOUT ROWID;" APPEND_ONLY(
        "run", "run_id = NEW.run_id OR seq = NEW.seq")
        APPEND_ONLY("check_result", "run = NEW.run AND position = NEW.position")
            APPEND_ONLY("finding", "run = NEW.run AND position = NEW.position")
                APPEND_ONLY("table_count", "run = NEW.run AND position = NEW.position");

/* A run waits while it stands in `delivery` and not in `delivered`. */
static const char delivery_tables[] =
    "CREATE TABLE delivery (seq INTEGER PRIMARY KEY, run INTEGER NOT NULL UNIQUE REFERENCES run (seq));"
    "CREATE TABLE delivered (run INTEGER PRIMARY KEY REFERENCES run (seq), at INTEGER NOT NULL);"
    "CREATE TABLE attempt (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, delivered INTEGER NOT NULL, error "
    "TEXT);" APPEND_ONLY("delivery", "run = NEW.run OR seq = NEW.seq") APPEND_ONLY("delivered", "run = NEW.run")
        APPEND_ONLY("attempt", "seq = NEW.seq") "CREATE TABLE state (channel TEXT NOT NULL, target TEXT NOT NULL, "
                                                "updated_at INTEGER NOT NULL, document TEXT NOT NULL,"
                                                " PRIMARY KEY (channel, target)) WITHOUT ROWID;";

const char *const store_schema_steps[] = {run_tables, delivery_tables, NULL};

static Err *read_number(Arena *arena, Store *store, const char *sql, int64_t *out) {
    StoreRow row;
    bool found;
    TRY(store_sqlite_prepare(arena, store, sql, &row));
    TRY(store_sqlite_next(arena, store, &row, &found));
    *out = found ? store_sqlite_integer(&row, 0) : 0;
    sqlite3_reset(row.statement);
    return NULL;
}

static Err *read_version(Arena *arena, Store *store, int64_t known, int64_t *version) {
    int64_t application, tables;
    TRY(read_number(arena, store, "PRAGMA application_id", &application));
    TRY(read_number(arena, store, "PRAGMA user_version", version));
    TRY(read_number(arena, store, "SELECT count(*) FROM sqlite_schema", &tables));
    if (application != APPLICATION_ID && (application != 0 || *version != 0 || tables != 0))
        return err_hint(arena,
                        err_new(arena, ERR_DATA, "%s is an SQLite database, but not one of lifeboat's", store->path),
                        "name another directory in the [store] section of the configuration");
    if (*version > known)
        return err_hint(
            arena,
            err_new(arena, ERR_UNSUPPORTED,
                    "the store %s was written by a newer lifeboat (schema %lld, this one knows %lld)", store->path,
                    (long long)*version, (long long)known),
            "use that newer version, or name another directory in the [store] section of the configuration");
    return NULL;
}

static Err *apply_from(Arena *arena, Store *store, const char *const *steps, int64_t version) {
    for (; steps[version] != NULL; version++)
        TRY(store_sqlite_run(arena, store, steps[version]));
    return store_sqlite_run(arena, store,
                            arena_printf(arena, "PRAGMA application_id = %d; PRAGMA user_version = %lld",
                                         APPLICATION_ID, (long long)version));
}

Err *store_schema_apply(Store *store, const char *const *steps) {
    int64_t known = 0, version;
    while (steps[known] != NULL)
        known++;
    /* In one transaction: another process may be making it just now. */
    TRY(store_sqlite_run(store->arena, store, "BEGIN"));
    TRY(store_sqlite_end(store->arena, store, read_version(store->arena, store, known, &version)));
    if (version == known)
        return NULL;
    TRY(store_sqlite_begin(store->arena, store));
    Err *err = read_version(store->arena, store, known, &version); /* again: another process may have been first */
    if (err == NULL && version < known)
        err = apply_from(store->arena, store, steps, version);
    return store_sqlite_end(store->arena, store, err);
}
