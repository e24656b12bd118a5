/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_INVENTORY_LIVE_PARTS_H
#define LIFEBOAT_INVENTORY_LIVE_PARTS_H

#include "base/buf.h"
#include "inventory/live.h"

/*
 * What the files live*.c share; private to them.
 */

#define LIVE_PATIENCE (60 * TIME_SECOND) /* statement_timeout of sessions from live_connect */

/* A connection and what is known of its server. One thread at a time. */
typedef struct LiveSession {
    PGconn *connection;
    const char *label; /* live_label */
    int version;       /* PQserverVersion: 150020 */
    int64_t patience;  /* microseconds until an answer that does not come is given up */
    bool recovery;     /* a standby */
    uint64_t block_size;
} LiveSession;

/* One relation that holds rows, as found in the catalogue. */
typedef struct LiveTable {
    unsigned oid;
    const char *schema, *name;
    const char
        *condition; /* extension configuration table: "WHERE ..." that pg_dump adds, or ""; NULL for ordinary tables */
    const char *refused; /* why it cannot be counted, or NULL */
    double tuples;       /* pg_class.reltuples */
    uint64_t pages;      /* pg_class.relpages */
    unsigned file_node;  /* pg_class.relfilenode at the snapshot */
    size_t position;     /* in the sealed inventory's tables */
} LiveTable;

typedef LIST(LiveTable) LiveTables;

/* ---- live_conninfo.c ---- */

/* Value of one option: the string's, else the environment's, else libpq's default; NULL when there is none. */
const char *live_conninfo_value(Arena *arena, const PQconninfoOption *options, const char *keyword);

/* ---- live_error.c ---- */

/* The session is gone, or its server said no. `what` is what was being done: "counting public.contacts". */
Err *live_error_session(Arena *arena, const LiveSession *session, const PGresult *result, const char *what);
/* A reason for people why one table's rows are unknown, from the SQLSTATE; NULL when the whole session is of no more
 * use. */
const char *live_error_table_reason(Arena *arena, const LiveSession *session, const PGresult *result);

/* ---- live_session.c ---- */

/* A plain connection, nothing set but application_name, client_encoding, keepalives and a connect timeout. */
Err *live_session_open(Arena *arena, const LiveRequest *request, LiveSession *out);
/* Statements that pin the settings live.h promises, for this transaction (`local`) or for the session. */
const char *live_session_pins(Arena *arena, const LiveSession *session, const LiveRequest *request, bool local);

/* ---- live_pooler.c ---- */

/* The same, told from host and port alone, before anything is asked. */
Err *live_pooler_refuse_port(Arena *arena, const LiveRequest *request);
/* ERR_UNSUPPORTED when sessions are shared between clients (transaction or statement pooling). */
Err *live_pooler_refuse(Arena *arena, const LiveRequest *request, LiveSession *session);

/* ---- live_query.c ---- */

/* Sends without waiting; several statements are allowed. Then live_query_next until *out is NULL. */
Err *live_query_send(Arena *arena, LiveSession *session, const char *sql, const char *what);
/* The next result (to be cleared by the caller), NULL at the end; waits, watching for interruption and for patience. */
Err *live_query_next(Arena *arena, LiveSession *session, const char *what, PGresult **out);
/* Rows of COPY ... TO STDOUT: *length is -1 at the end; *row is to be given to PQfreemem. */
Err *live_query_row(Arena *arena, LiveSession *session, const char *what, char **row, int *length);
/* The user wants to stop: tells the server, and gives the error to return. */
Err *live_query_stop(Arena *arena, const LiveSession *session);
/* All at once: the last result with rows, else the last of all; an error of the server is an Err. */
Err *live_query_run(Arena *arena, LiveSession *session, const char *sql, const char *what, PGresult **out);

/* ---- live_catalog.c, live_objects.c, live_traits.c, live_sequences.c ---- */

Err *live_catalog_tables(LiveSession *session, Inventory *inventory, LiveTables *out);
Err *live_objects(LiveSession *session, Inventory *inventory);
Err *live_traits(LiveSession *session, Inventory *inventory);
Err *live_sequences(LiveSession *session, Inventory *inventory);

/* ---- live_count.c ---- */

/* Counts one table (and takes its digest), inside the session's transaction; what only concerns the table is told
 * there. */
Err *live_count(Arena *arena, LiveSession *session, const LiveRequest *request, const LiveTable *table,
                InventoryTable *out);

/* ---- live_blobs.c ---- */

Err *live_blobs(LiveSession *session, bool digest, Inventory *inventory);

#endif
