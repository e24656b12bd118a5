/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_INVENTORY_LIVE_H
#define LIFEBOAT_INVENTORY_LIVE_H

#include <libpq-fe.h>

#include "inventory/inventory.h"

/*
 * Inventory of a running PostgreSQL (9.6 to 18), through libpq.
 *
 * Everything is read in one read-only repeatable-read transaction; parallel readers import its exported snapshot.
 * Session settings are pinned so that COPY text is byte-equal to pg_dump's: client_encoding UTF8 (or the dump's, when
 * asked), TimeZone UTC, DateStyle ISO, IntervalStyle postgres, extra_float_digits 3, bytea_output hex, search_path
 * empty, row_security off. Timeouts of our own: statement_timeout, lock_timeout; application_name is lifeboat. pg_dump
 * itself pins neither TimeZone nor bytea_output: `as_dump` leaves these two as the session finds them, which is what
 * the bytes of a dump taken by the same role hold. `time_zone` pins another one (a dump taken with PGTZ set).
 * Inventory.time_zone says which was used.
 *
 * A lock on a table is held only while that table is read, so a long look does not hold up a migration for long. A
 * table that was dropped, rewritten or truncated meanwhile is unknown, not empty.
 *
 * Counting is refused (INVENTORY_UNKNOWN with the reason, never zero) for a table whose rows row-level security could
 * hide: the role must own it unforced, have BYPASSRLS, or be superuser. A table without SELECT right is unknown as
 * well. A transaction pooler (PgBouncer or Supavisor on 6543) cannot keep settings or a session: ERR_UNSUPPORTED that
 * says which port to use instead.
 *
 * The connection string is a libpq conninfo or URI, and may be empty for the environment's (PG*, service). A password
 * in it is never echoed: messages use live_label.
 *
 * What the lists hold is what pg_dump would write, under its names: see live_objects.c.
 */
typedef struct LiveRequest {
    const char *conninfo;
    int jobs;                /* connections used for counting, at least 1; fewer are used when the server has no more */
    bool digests;            /* read every row and take digests; else count(*) only */
    bool traits;             /* definitions, owners and grants, versions as well; PostgreSQL 12 and later tell them */
    bool as_dump;            /* TimeZone and bytea_output as the session finds them: to compare with a dump's digests */
    const char *time_zone;   /* NULL: UTC; of an inventory to compare with; with as_dump NULL: the session's */
    uint64_t estimate_above; /* tables larger than this many bytes: estimate from statistics; 0 means count all */
    const char *snapshot;    /* exported by a session that stays open: take the inventory of it; NULL: of now */
    const char *client_encoding; /* NULL: UTF8 */
    int64_t statement_timeout;   /* microseconds per statement, 0: 30 minutes */
    int64_t lock_timeout;        /* 0: 5 seconds */
    const char *const *only;     /* NULL-terminated names, as written by people, to count; NULL counts all */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* tables; may be NULL; any thread */
    void *context;
} LiveRequest;

Err *live_inventory(Arena *arena, const LiveRequest *request, Inventory **out);

/* One pinned, read-only session: for doctor and others that ask one question (a minute each). Closed with the arena. */
Err *live_connect(Arena *arena, const char *conninfo, PGconn **out);

/* Runs one statement with text parameters (NULL-terminated, or NULL); ERR_SERVER carries SQLSTATE and message. The
 * result is cleared with the arena. */
Err *live_query(Arena *arena, PGconn *connection, const char *sql, const char *const *parameters, PGresult **out);

/* "database app at db.example:5432 as lifeboat": no password, whatever the conninfo holds. */
const char *live_label(Arena *arena, const char *conninfo);

/* True when the text is meant as a connection string: a postgres:// or postgresql:// URI, or keyword=value pairs. */
bool live_conninfo_is(const char *text);

/* True when the connection string itself holds a password: others on the machine can read it from the process list. */
bool live_conninfo_has_password(const char *conninfo);

/* For whoever else connects (the PostgreSQL store). The options of a connection string; ERR_USAGE, without repeating
 * the string, when it cannot be read. */
Err *live_conninfo_parse(Arena *arena, const char *conninfo, PQconninfoOption **out);

/* The server's or libpq's words on one line, made printable, with any password they might hold taken out. */
const char *live_error_words(Arena *arena, const char *conninfo, const char *words);

/* Why a connection failed, with the hint for the usual reasons. */
Err *live_error_connect(Arena *arena, const char *conninfo, const PGconn *connection);

#endif
