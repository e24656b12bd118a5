/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_STORE_STORE_POSTGRES_H
#define LIFEBOAT_STORE_STORE_POSTGRES_H

#include <libpq-fe.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The libpq session under the PostgreSQL store: it writes, and it is never waited for longer than its deadlines,
 * because a log that cannot be reached must not hold up a verification. No session settings and no prepared statements:
 * it works through a transaction pooler as well.
 *
 * Errors name database, host and role, never a password, and carry the hint for the usual reasons (table missing, no
 * right, read-only server).
 */
typedef struct StorePostgres {
    PGconn *connection;
    const char *conninfo; /* to take its password out of a server's words */
    const char *label;    /* "database app at db.example:5432 as lifeboat" */
    int64_t patience;     /* microseconds one statement may take */
} StorePostgres;

/* Connects within 10 s; closed with the arena. `conninfo` is a libpq connection string or URI. */
Err *store_postgres_connect(Arena *arena, const char *conninfo, StorePostgres *out);

/* One statement with text parameters; or, with count 0, any number of them. */
typedef struct StoreStatement {
    const char *sql;
    int count;
    const char *const *values;
} StoreStatement;

/* *out is the result of the last statement, cleared with the arena. */
Err *store_postgres_query(Arena *arena, StorePostgres *session, const StoreStatement *statement, PGresult **out);

#endif
