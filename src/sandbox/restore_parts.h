/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_RESTORE_PARTS_H
#define LIFEBOAT_SANDBOX_RESTORE_PARTS_H

#include "base/buf.h"
#include "pg/toc.h"
#include "sandbox/query.h"
#include "sandbox/restore.h"

/*
 * What the files restore*.c share; private to them.
 */
typedef struct Restoring {
    Arena *arena;
    const RestoreRequest *request;
    Restore *out;
    const Explain *explain;
    const char *workspace;          /* directory of ours for list files, removed with the arena */
    int64_t ends;                   /* monotonic: when the deadline passes; 0 for none */
    InventoryNames stubbed, tabled; /* databases that have their stubs, their stand-in tables */
    const Err *broken;              /* an error of the sandbox itself: nothing more can be proven */
} Restoring;

/* ---- restore.c ---- */

void restore_note(Restoring *restoring, const char *what, const char *why);
/* What the statements would have made is not there, and that is no defect of the backup. */
void restore_lost(Restoring *restoring, Text statements, ExplainClass class, const char *reason);
/* A statement that is refused: noted as hostile, once per kind. */
void restore_refuse(Restoring *restoring, const char *where, Text statement, const char *why);
/* Classifies and counts one failed statement; sets `broken` for an error of the environment. */
void restore_failed(Restoring *restoring, const char *object, const char *message, const char *statement);
/* Adds the time between the two (monotonic) to the phase. */
void restore_phase(Restoring *restoring, const char *name, int64_t began, int64_t ended);
/* ERR_TIMEOUT when the deadline has passed, ERR_INTERRUPTED, or what broke. */
Err *restore_go_on(Restoring *restoring);
/* Microseconds until the deadline, at least 1; 0 when there is none. */
int64_t restore_time_left(const Restoring *restoring);
/* True when the extension is in the dump and cannot or must not be created here; schema it would live in. */
bool restore_is_absent(const Restoring *restoring, const char *extension);
/* Makes stand-in types of an absent extension, in its schema. */
Err *restore_stand_in(Restoring *restoring, Query *query, const char *extension, const char *schema);
/* And stand-in tables of all absent ones in that database of the dump ("" for the only one). Once each; before data. */
Err *restore_stand_in_tables(Restoring *restoring, Query *query, const char *database);
/* What the platform is expected to have in a database (sandbox/platform.h). Once each. */
Err *restore_stubs(Restoring *restoring, Query *query, const char *database);

/* ---- restore_part.c: what is wanted when not all of it is ---- */

/* An entry of a table of contents. */
bool restore_part_entry(const Restoring *restoring, const TocEntry *entry);
/* A statement of a script. */
bool restore_part_statement(const Restoring *restoring, Text statement);

/* ---- restore_server.c ---- */

/* To a database of the request's server (NULL: the maintenance database), within the deadline. */
Err *restore_server_connect(Restoring *restoring, const char *database, Query **out);
/* Creates an empty database with the dump's encoding and the locale C, which every server has. */
Err *restore_server_create(Restoring *restoring, const char *database, const char *encoding);
/* ---- restore_globals.c ---- */

/* Roles and tablespaces from the request's globals, when there are any. */
Err *restore_globals(Restoring *restoring);

/* ---- restore_archive.c, restore_script.c ---- */

Err *restore_archive(Restoring *restoring);
Err *restore_script(Restoring *restoring);

#endif
