/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_DUMP_PARTS_H
#define LIFEBOAT_SANDBOX_DUMP_PARTS_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "format/attest.h"
#include "sandbox/dump.h"
#include "sandbox/partial.h"

/*
 * What the files dump*.c share; private to them.
 */
#define DUMP_LOCK_PATIENCE (10 * TIME_MINUTE) /* how long a lock on a table is waited for */

typedef struct Dumping {
    Arena *arena;
    const DumpRequest *request;
    Dump *out;
    PGconn *session; /* holds the snapshot */
    const char *snapshot;
    const char *encoding; /* of the database, and so of the dump */
    const Tools *tools;
    const char *service;                   /* environment for child programs */
    Partial *partial;                      /* where it is being written */
    const char *name;                      /* base name of the backup */
    const char *written, *written_globals; /* in the partial directory */
    Inventory *inventory;
    Attest attest;
    double dump_seconds, inventory_seconds;
    bool placed_globals, placed_attestation; /* they have their names, and the backup has not yet */
    atomic_uint_fast64_t dumped, counted;    /* tables */
} Dumping;

/* ---- dump_source.c ---- */

/* Opens the session and its snapshot, and refuses what must be refused. */
Err *dump_source_open(Dumping *dumping);

/* ---- dump_tools.c: each runs in a thread of its own ---- */

Err *dump_tools_backup(Arena *arena, Dumping *dumping);
Err *dump_tools_globals(Arena *arena, Dumping *dumping);

/* "dumping and counting", together. */
void dump_tools_tell(const Dumping *dumping);

#endif
