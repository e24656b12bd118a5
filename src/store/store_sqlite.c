/* SPDX-License-Identifier: PostgreSQL */
#include "store/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int store_sqlite_patience = 10000;

const char *const store_sqlite_damaged_hint =
    "stop lifeboat, move the file and its -wal and -shm companions aside and run the verification again: a new store "
    "is "
    "begun. Keep the old file, `sqlite3 FILE .recover` can often read most of it";

static Err *system_error(Arena *arena, Store *store, int number) {
    Err *err = err_errno(arena, number, "the store %s could not be written", store->path);
    if (number == ENOSPC || number == EDQUOT || number == EFBIG)
        return err_hint(arena, err, "free space on the file system of %s, then run the command again",
                        store->directory);
    return err_hint(arena, err, "the store needs a directory that %s may write", "the user lifeboat runs as");
}

static Err *full_error(Arena *arena, Store *store) {
    Err *err =
        err_new(arena, ERR_IO, "the store %s could not be written: no space left (or the file size limit is reached)",
                store->path);
    return err_hint(arena, err, "free space on the file system of %s, then run the command again", store->directory);
}

Err *store_sqlite_error(Arena *arena, Store *store) {
    int number = store->db == NULL ? 0 : sqlite3_system_errno(store->db);
    int code = store->db == NULL ? SQLITE_NOMEM : sqlite3_extended_errcode(store->db);
    const char *words = store->db == NULL ? "out of memory" : sqlite3_errmsg(store->db);
    switch (code & 0xff) {
    case SQLITE_FULL:
        return full_error(arena, store);
    case SQLITE_IOERR:
        if (number != 0)
            return system_error(arena, store, number);
        return err_hint(
            arena, err_new(arena, ERR_IO, "the store %s: %s", store->path, words),
            "look at the file system of %s: free space (df), a file size limit (ulimit -f), disk errors (dmesg)",
            store->directory);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_hint(arena,
                        err_new(arena, ERR_TIMEOUT, "the store %s was kept locked by another process for %d s",
                                store->path, store_sqlite_patience / 1000),
                        "look for a lifeboat that hangs: fuser -v %s", store->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_hint(arena, err_new(arena, ERR_DATA, "the store %s is damaged: %s", store->path, words), "%s",
                        store_sqlite_damaged_hint);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        if (number != 0 && number != ENOENT)
            return system_error(arena, store, number);
        return err_hint(arena, err_new(arena, ERR_PERMISSION, "the store %s cannot be written: %s", store->path, words),
                        "the user lifeboat runs as needs to write the file and its directory %s", store->directory);
    default:
        return err_new(arena, ERR_IO, "the store %s: %s", store->path, words);
    }
}

/* SQLite would create the file with the process's umask. Made here only when absent: closing a descriptor of a file
 * that SQLite already has open in this process would drop SQLite's POSIX locks on it. */
static Err *create_private(Store *store) {
    int descriptor = open(store->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor >= 0) {
        close(descriptor);
        return NULL;
    }
    if (errno == EEXIST) {
        errno = 0; /* SQLite would report it as the reason of a failure of its own */
        return NULL;
    }
    return system_error(store->arena, store, errno);
}

static void close_database(void *db) {
    sqlite3_close_v2(db);
}

/* Changing the journal mode needs the file for itself, and SQLite does not call the busy handler in every such case; so
 * several processes that open a new store at once take turns here. */
static Err *enter_wal_mode(Store *store) {
    int64_t deadline = time_monotonic() + store_sqlite_patience * INT64_C(1000);
    for (;;) {
        int code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (code == SQLITE_OK)
            return NULL;
        if ((code & 0xff) != SQLITE_BUSY || time_monotonic() > deadline)
            return store_sqlite_error(store->arena, store);
        usleep(5000);
    }
}

Err *store_sqlite_open(Store *store) {
    TRY(create_private(store));
    int code = sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL);
    if (store->db != NULL)
        arena_defer(store->arena, close_database, store->db);
    if (code != SQLITE_OK)
        return store_sqlite_error(store->arena, store);
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, store_sqlite_patience);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    TRY(enter_wal_mode(store));
    /* recursive_triggers: REPLACE then fires the triggers that forbid deletion. */
    return store_sqlite_run(store->arena, store,
                            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; "
                            "PRAGMA recursive_triggers = ON");
}

Err *store_sqlite_run(Arena *arena, Store *store, const char *sql) {
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return store_sqlite_error(arena, store);
    return NULL;
}

static void finalize(void *statement) {
    sqlite3_finalize(statement);
}

Err *store_sqlite_prepare(Arena *arena, Store *store, const char *sql, StoreRow *out) {
    *out = (StoreRow){0};
    if (sqlite3_prepare_v2(store->db, sql, -1, &out->statement, NULL) != SQLITE_OK)
        return store_sqlite_error(arena, store);
    arena_defer(arena, finalize, out->statement);
    return NULL;
}

static void note(StoreRow *row, int code) {
    if (row->code == SQLITE_OK)
        row->code = code;
}

void store_sqlite_put_text(StoreRow *row, const char *value) {
    row->next++;
    note(row, value == NULL ? sqlite3_bind_null(row->statement, row->next)
                            : sqlite3_bind_text64(row->statement, row->next, value, strlen(value), SQLITE_TRANSIENT,
                                                  SQLITE_UTF8));
}

void store_sqlite_put_integer(StoreRow *row, int64_t value) {
    note(row, sqlite3_bind_int64(row->statement, ++row->next, value));
}

void store_sqlite_put_unsigned(StoreRow *row, uint64_t value) {
    store_sqlite_put_integer(row, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void store_sqlite_put_time(StoreRow *row, Time value) {
    if (value == TIME_NONE)
        store_sqlite_put_null(row);
    else
        store_sqlite_put_integer(row, value);
}

void store_sqlite_put_real(StoreRow *row, double value) {
    note(row, sqlite3_bind_double(row->statement, ++row->next, value));
}

void store_sqlite_put_null(StoreRow *row) {
    note(row, sqlite3_bind_null(row->statement, ++row->next));
}

Err *store_sqlite_next(Arena *arena, Store *store, StoreRow *row, bool *found) {
    *found = false;
    if (row->code != SQLITE_OK)
        return err_new(arena, ERR_LIMIT, "a value is too large for the store %s: %s", store->path,
                       sqlite3_errstr(row->code));
    int code = sqlite3_step(row->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        Err *err = store_sqlite_error(arena, store);
        sqlite3_reset(row->statement);
        return err;
    }
    *found = code == SQLITE_ROW;
    if (!*found)
        sqlite3_reset(row->statement);
    return NULL;
}

void store_sqlite_done(StoreRow *row) {
    sqlite3_reset(row->statement);
}

Err *store_sqlite_send(Arena *arena, Store *store, StoreRow *row) {
    bool found;
    Err *err = store_sqlite_next(arena, store, row, &found);
    sqlite3_reset(row->statement);
    sqlite3_clear_bindings(row->statement);
    row->next = 0;
    row->code = SQLITE_OK;
    return err;
}

const char *store_sqlite_text(Arena *arena, const StoreRow *row, int column) {
    const char *bytes = (const char *)sqlite3_column_text(row->statement, column);
    return bytes == NULL ? "" : arena_strndup(arena, bytes, (size_t)sqlite3_column_bytes(row->statement, column));
}

int64_t store_sqlite_integer(const StoreRow *row, int column) {
    return sqlite3_column_int64(row->statement, column);
}

Time store_sqlite_time(const StoreRow *row, int column) {
    return store_sqlite_null(row, column) ? TIME_NONE : sqlite3_column_int64(row->statement, column);
}

bool store_sqlite_null(const StoreRow *row, int column) {
    return sqlite3_column_type(row->statement, column) == SQLITE_NULL;
}

Err *store_sqlite_begin(Arena *arena, Store *store) {
    return store_sqlite_run(arena, store, "BEGIN IMMEDIATE");
}

Err *store_sqlite_end(Arena *arena, Store *store, Err *err) {
    if (err == NULL)
        err = store_sqlite_run(arena, store, "COMMIT");
    /* A failed COMMIT leaves the transaction open, a full disk may have ended it already. */
    if (err != NULL && !sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}
