/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_QUERY_H
#define LIFEBOAT_SANDBOX_QUERY_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Statements on servers that we may write to: sandboxes and targets of a restore. (inventory/live.h is for databases
 * that are only read.) A statement is cancelled when its deadline passes or the user interrupts.
 */

typedef struct Query {
    PGconn *connection;
    int64_t ends; /* monotonic clock: when statements on it are cancelled; 0 for never */
} Query;

/* Closed with the arena; silent about notices. */
Err *query_connect(Arena *arena, const char *conninfo, int64_t ends, Query **out);

/* The last result of the statement, cleared with the arena; one that the server refused is a result too. `parameters`
 * are text, NULL-terminated, or NULL. A COPY ... FROM stdin is left open. */
Err *query_try(Arena *arena, Query *query, const char *sql, const char *const *parameters, PGresult **out);

/* As above; refused is ERR_SERVER with the server's primary message. */
Err *query_run(Arena *arena, Query *query, const char *sql, const char *const *parameters, PGresult **out);

/* True for a result without error (rows, done, or COPY open). */
bool query_succeeded(const PGresult *result);

/* The server's primary message of a failed result. */
const char *query_message(const PGresult *result);

#endif
