/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_PGRESTORE_H
#define LIFEBOAT_SANDBOX_PGRESTORE_H

#include "sandbox/restore_parts.h"

/*
 * Pgrestore: one run of pg_restore over chosen entries of an archive. It is told to be verbose, because only then does
 * it name the entry of an error, and when data begins. What its workers say at the same time is kept apart by process;
 * its exit status, its words and its own count of errors must tell the same story, or that is an error of its own.
 */
typedef struct PgrestoreRun {
    const Buf *list;   /* --use-list: "ID;" a line; nothing is run for an empty one */
    const char *phase; /* what the time is counted as */
    const char *then;  /* what it is counted as from the first data on, or NULL */
    const char *service;
    int jobs;
} PgrestoreRun;

Err *pgrestore_run(Restoring *restoring, const PgrestoreRun *run);

#endif
