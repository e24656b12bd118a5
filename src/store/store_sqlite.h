/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_STORE_STORE_SQLITE_H
#define LIFEBOAT_STORE_STORE_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"

/*
 * The SQLite connection under the store: statements that answer with an Err instead of a code, and nothing about what
 * is stored. A statement is finalised with the arena it was prepared in. One connection belongs to one thread.
 *
 * Values go in from left to right; a failed bind is remembered and reported when the row is sent, so that a caller need
 * not look after each one:
 *
 *     TRY(store_sqlite_prepare(arena, store, "INSERT INTO t VALUES (?, ?)", &row));
 *     store_sqlite_put_text(&row, name);
 *     store_sqlite_put_integer(&row, 7);
 *     TRY(store_sqlite_send(arena, store, &row));
 */
typedef struct Store {
    Arena *arena;
    const char *directory;
    const char *path;
    sqlite3 *db;
} Store;

typedef struct StoreRow {
    sqlite3_stmt *statement;
    int next; /* parameters bound so far */
    int code; /* first bind that failed, SQLITE_OK when none did */
} StoreRow;

/* Opens or creates the file (mode 0600): WAL mode, synchronous=FULL, patient with other writers. */
Err *store_sqlite_open(Store *store);

/* Milliseconds one statement waits while other processes write. */
extern int store_sqlite_patience;

/* Statements without a result. */
Err *store_sqlite_run(Arena *arena, Store *store, const char *sql);

Err *store_sqlite_prepare(Arena *arena, Store *store, const char *sql, StoreRow *out);
void store_sqlite_put_text(StoreRow *row, const char *value); /* NULL becomes NULL */
void store_sqlite_put_integer(StoreRow *row, int64_t value);
void store_sqlite_put_unsigned(StoreRow *row, uint64_t value); /* beyond 2^63 - 1: that */
void store_sqlite_put_time(StoreRow *row, Time value);         /* TIME_NONE becomes NULL */
void store_sqlite_put_real(StoreRow *row, double value);
void store_sqlite_put_null(StoreRow *row);

/* Runs a statement without a result and makes it ready for the next row. */
Err *store_sqlite_send(Arena *arena, Store *store, StoreRow *row);

/* The next row of a query; *found is false after the last one. A query not read to its end must be ended by
 * store_sqlite_done, or its snapshot stays open and the next write on this connection fails. */
Err *store_sqlite_next(Arena *arena, Store *store, StoreRow *row, bool *found);
void store_sqlite_done(StoreRow *row);
const char *store_sqlite_text(Arena *arena, const StoreRow *row, int column); /* NULL gives "" */
int64_t store_sqlite_integer(const StoreRow *row, int column);
Time store_sqlite_time(const StoreRow *row, int column); /* NULL gives TIME_NONE */
bool store_sqlite_null(const StoreRow *row, int column);

/* What to do about a damaged file. */
extern const char *const store_sqlite_damaged_hint;

/* What the connection last complained about, in our words with a hint. */
Err *store_sqlite_error(Arena *arena, Store *store);

/* Everything between is one transaction, the write lock taken at its start. `end` commits when `err` is NULL and rolls
 * back otherwise; it returns err, or why the commit failed. */
Err *store_sqlite_begin(Arena *arena, Store *store);
Err *store_sqlite_end(Arena *arena, Store *store, Err *err);

#endif
