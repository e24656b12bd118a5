/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_RESTORE_H
#define LIFEBOAT_SANDBOX_RESTORE_H

#include "base/err.h"
#include "base/list.h"
#include "format/backup.h"
#include "sandbox/explain.h"
#include "sandbox/lost.h"
#include "sandbox/tools.h"

/*
 * Restore: one logical backup into an empty database of a server, as a proof. Everything that went wrong is classified
 * (sandbox/explain.h), everything that was left out is listed with its reason; nothing is silent.
 *
 * Archives go through pg_restore, whose status and words are both read. Scripts are executed statement by statement
 * over libpq and never given to psql: a line that psql would obey as a command (\!, \copy, \o) is data here, and is
 * reported.
 *
 * An Err means that lifeboat could not do the work (no server, disk full, interrupted, deadline): the proof is unknown.
 * A defect of the backup is an entry in `errors`, and the restore goes on to its end.
 */
/* Of an archive or script: all of it; or what it defines, without rows; or the rows of some tables, for a database that
 * has the definitions. */
typedef enum RestorePart { RESTORE_WHOLE, RESTORE_DEFINITIONS, RESTORE_ROWS } RestorePart;

typedef struct RestoreRequest {
    const Backup *backup;     /* opened; need not be read */
    const Tools *tools;       /* whose pg_restore */
    const char *conninfo;     /* of a maintenance database of the target server, as a superuser or the target's owner */
    const char *database;     /* existing empty database to restore into; NULL: one is created per dumped database */
    const char *globals;      /* a globals script to take roles from, or NULL */
    const ExplainRule *rules; /* the user's, beside the built-in ones */
    size_t rule_count;
    RestorePart part;
    const InventoryNames *only; /* RESTORE_ROWS: "schema.table", not quoted */
    int jobs;                   /* at least 1 */
    int64_t deadline;           /* microseconds for all of it, 0 for none */
    bool keep_platform;         /* run event triggers, publications and the like too (a real restore, not a sandbox) */
    bool trust_dump;            /* do not refuse programs, files, untrusted languages */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total); /* may be NULL */
    void *context;
} RestoreRequest;

typedef struct RestorePhase {
    const char *name; /* "pre-data", "data", "indexes", "constraints", "analyze" */
    double seconds;
} RestorePhase;

typedef struct RestoreError {
    ExplainClass class;
    const char *rule, *reason; /* "" when real */
    const char *object;        /* as pg_restore names the entry, or "line 123"; printable */
    const char *message;       /* printable */
    const char *statement;     /* printable, shortened */
    uint64_t count;            /* how often the same message came */
} RestoreError;

typedef struct RestoreNote {
    const char *what, *why; /* printable */
} RestoreNote;

typedef struct Restore {
    LIST(const char *) databases; /* restored into, in the order of the dump */
    LIST(RestorePhase) phases;
    LIST(RestoreError) errors;            /* distinct ones, at most RESTORE_ERRORS; counts has them all */
    uint64_t counts[EXPLAIN_CLASSES];     /* errors per class */
    LIST(RestoreNote) left_out;           /* what was not restored on purpose */
    LIST(RestoreNote) hostile;            /* statements and commands that reach for the world */
    LostObjects lost;                     /* what was not made for these reasons */
    const Explain *explain;               /* the rules that were in force, for who looks at the copy */
    LIST(const char *) absent_extensions; /* in the dump, not here */
    const char *stand_ins;                /* "vector, halfvec" or "" */
    const char *stubs;                    /* what was made up for the platform, or "" */
    size_t roles_made;
    double seconds;
} Restore;

#define RESTORE_ERRORS 200

/* Why an error met later in the restored copy is no defect of the backup: a missing extension's rule, or an object that
 * was not made on purpose. NULL: nothing excuses it. */
const char *restore_excuse(Arena *arena, const Restore *restore, const char *message, const char *statement);

Err *restore_run(Arena *arena, const RestoreRequest *request, Restore **out);

#endif
