/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_DUMP_H
#define LIFEBOAT_SANDBOX_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "sandbox/tools.h"

/*
 * Dump: takes an attested backup. One session opens a snapshot and holds it; pg_dump dumps at that snapshot, and the
 * inventory (counts, digests) is taken of the same one, so that backup and attestation speak of the same instant.
 *
 * Everything is written below a temporary name (".NAME.partial") and renamed when it is whole and synced: first the
 * globals, then the backup, last the attestation. Whatever fails, no half backup has a backup's name.
 *
 * Refused before the first byte: a pg_dump older than the server, too little disk, a role that row-level security could
 * blind, a transaction pooler.
 */
typedef struct DumpRequest {
    const char *conninfo;
    const char *directory; /* where it goes; must exist */
    const char *name;      /* stem of the file names: "production"; NULL: the database's name */
    bool as_directory;     /* directory format, dumped by `jobs` connections; else custom format */
    int jobs;
    const char *bindir;   /* choose pg_dump; NULL: the newest installed */
    bool no_digests;      /* attest counts only */
    bool no_globals;      /* leave roles and tablespaces out */
    const char *sign_key; /* PEM file with an Ed25519 private key, or NULL */
    int64_t deadline;     /* microseconds for each part, 0 for none */
    bool dry_run;         /* refuse what would be refused, and say what would be done */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total); /* may be NULL; any thread */
    void *context;
} DumpRequest;

typedef struct DumpPhase {
    const char *name; /* "dump", "inventory", "attest" */
    double seconds;
} DumpPhase;

typedef struct Dump {
    const char *path, *globals, *attestation; /* globals NULL when left out */
    const char *label;                        /* of the source, without a password */
    const char *tool;                         /* "pg_dump 15.20 (/usr/lib/postgresql/15/bin)" */
    const char *snapshot_lsn;
    uint64_t database_size; /* bytes, as the server says */
    uint64_t size;          /* of the backup, as stored */
    uint64_t tables, rows;
    bool digested, signed_by_key;
    LIST(DumpPhase) phases;
} Dump;

Err *dump_take(Arena *arena, const DumpRequest *request, Dump **out);

#endif
