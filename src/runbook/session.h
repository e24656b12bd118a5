/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_SESSION_H
#define LIFEBOAT_RUNBOOK_SESSION_H

#include <libpq-fe.h>

#include "base/err.h"
#include "base/list.h"
#include "base/time.h"

/*
 * Sessions of a diagnosis: few connections that many threads take turns on, and that cannot change anything.
 *
 * Every question is one statement in a read-only transaction of its own that is rolled back, with its settings set
 * inside that transaction (so that it also holds behind a transaction pooler): statement_timeout 2 s, lock_timeout
 * 200 ms. All of it goes out in one trip. The protocol takes a single statement; values are bound by it.
 *
 * The server is spared: the connection is tried once, and when that fails every question gets the same answer at once.
 * Only where enough slots are free are there more connections than one. A server that lets several questions run into
 * the time-out is not asked any more.
 */
typedef struct SessionPool SessionPool;

typedef struct SessionRequest {
    const char *conninfo;
    int most; /* connections */
} SessionRequest;

/* Connects. A failure is no error here: it is what session_ask answers, and session_trouble tells. */
Err *session_open(Arena *arena, const SessionRequest *request, SessionPool **out);

/* Ends the connections now; the next question would open one again. No thread may be asking. */
void session_close(SessionPool *pool);

/* Why nothing can be asked (with a hint), or NULL. */
const Err *session_trouble(SessionPool *pool);

/* Facts about the server; empty and 0 when there is no connection. */
typedef struct SessionFacts {
    const char *label; /* "database app at db.example:5432 as lifeboat" */
    const char *role;
    const char *version; /* "15.5" */
    int version_number;  /* 150005 */
    bool standby;
    int free_slots;  /* for ordinary roles; -1 unknown */
    int connections; /* that may be used at once */
} SessionFacts;
const SessionFacts *session_facts(const SessionPool *pool);

typedef struct SessionRows {
    uint64_t count;           /* all of them */
    size_t kept, columns;     /* the first 20 */
    const char *const *names; /* of the columns */
    const char **values;      /* row after row; NULL for a null */
} SessionRows;

typedef struct SessionQuestion {
    const char *sql;
    const char *const *values; /* $1 ... */
    size_t count;
} SessionQuestion;

/* Any thread. The error's words say why it cannot be told, with the missing right where that is the reason. */
Err *session_ask(Arena *arena, SessionPool *pool, const SessionQuestion *question, SessionRows *out);

/* ---- session_write.c: one connection of a resolution ---- */

/* Autocommit, default_transaction_read_only off, statement_timeout 0, lock_timeout 5 s. Closed with the arena. */
Err *session_write_open(Arena *arena, const char *conninfo, PGconn **out);

/* One statement; Ctrl-C cancels it. *said is the command tag, rows (first column) are in `out` (may be NULL). */
typedef LIST(const char *) SessionTexts;
Err *session_write_run(Arena *arena, PGconn *connection, const SessionQuestion *question, SessionTexts *out,
                       const char **said);

/* ---- session_error.c ---- */

/* What a refusal means: the missing right as the statement that grants it to the role, a missing object, a time-out. */
Err *session_error(Arena *arena, const PGresult *result, const char *role);

#endif
