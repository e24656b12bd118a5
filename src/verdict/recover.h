/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_RECOVER_H
#define LIFEBOAT_VERDICT_RECOVER_H

#include "sandbox/destination.h"
#include "verdict/prove.h"
#include "verdict/report.h"

/*
 * Recover: a restore in earnest. recover_read reads the backup whole and judges it; only one that holds may go on to
 * recover_run, which restores it, gives a new database its name, and looks at what came out with the checks that a
 * proof uses. Nothing of the target is touched before recover_run.
 */
typedef enum RecoverStage {
    RECOVER_UNTOUCHED, /* nothing was changed anywhere */
    RECOVER_BEGUN,     /* the database holds part of the backup */
    RECOVER_RESTORED,  /* the restore came to its end */
    RECOVER_NAMED,     /* and the database has its name */
} RecoverStage;

typedef struct RecoverTask {
    const char *what, *how; /* printable: what a dump cannot bring back, and what people do about it */
} RecoverTask;

typedef struct RecoverRequest {
    Backup *backup; /* opened */
    Destination *destination;
    const Settings *settings; /* --accept is taken from it */
    const ProveSections *sections;
    const Tools *tools; /* whose pg_restore */
    int jobs;
    int64_t deadline; /* microseconds, 0 for none */
    bool trust_dump;
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total); /* may be NULL */
    void *context;
} RecoverRequest;

typedef struct Recover {
    RecoverStage stage; /* also when an error is returned */
    bool good;          /* recover_read: the backup may be restored */
    Report *report;     /* what was found, with a verdict */
    CheckContext *context;
    const char *database; /* where the rows are now: its current name */
    const char *note;     /* what could not be kept of the database's own properties, or "" */
    InventoryNames roles_made;
    LIST(RecoverTask) tasks; /* what is left for people to do */
} Recover;

/* An error only when interrupted or misconfigured: a backup that does not hold is a report with a verdict. */
Err *recover_read(Arena *arena, const RecoverRequest *request, Recover *out);

/* An error when the restore could not be done; out->stage says how far it came, out->database where that is. */
Err *recover_run(Arena *arena, const RecoverRequest *request, Recover *out);

/* ---- recover_tasks.c ---- */

/* Fills out->tasks from what the backup holds and the restore left out. */
Err *recover_tasks(Arena *arena, const RecoverRequest *request, Recover *out);

#endif
