/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_DUMP_H
#define LIFEBOAT_SANDBOX_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "base/time.h"
#include "sandbox/tools.h"

/*
 * Dump: takes an attested backup. One session opens a snapshot and holds it; pg_dump dumps at that snapshot, and the
 * inventory (counts, digests) is taken of the same one, so that backup and attestation speak of the same instant. Then
 * the dump is read back and held to the inventory: what it does not hold is told now, not on the day it is needed.
 *
 * Everything is written in a hidden directory (sandbox/partial.h) and renamed when it is whole and synced: first the
 * globals, then the attestation, last the backup, so that a backup has its name when all that belongs to it is there.
 * Nothing is ever overwritten. Whatever fails, nothing stays; what a killed run left, the next one sweeps.
 *
 * Refused before the first byte: a pg_dump older than the server, too little disk, a role that row-level security could
 * blind, a transaction pooler, a signing key that is none.
 */
typedef struct DumpRequest {
    const char *conninfo;
    const char *directory; /* where it goes; must exist */
    const char *name;      /* stem of the file names: "production"; NULL: the database's name */
    bool as_directory;     /* directory format, dumped by `jobs` connections; else custom format */
    const char *compress;  /* "none", "gzip", "zstd"; NULL: zstd where pg_dump can, else gzip */
    int jobs;              /* connections that count, and that dump in directory format */
    const char *bindir;    /* choose pg_dump; NULL: the newest installed */
    bool no_digests;       /* attest counts only */
    bool no_globals;       /* leave roles and tablespaces out */
    const char *sign_key;  /* PEM file with an Ed25519 private key, or NULL */
    int64_t deadline;      /* microseconds for each part, 0 for none */
    bool dry_run;          /* refuse what would be refused, and say what would be done */
    /* What is being done ("dumping and counting", tables; "reading", bytes) and how far; any thread, may be NULL. */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total);
    void *context;
} DumpRequest;

typedef struct DumpPhase {
    const char *name; /* "dump", "inventory", "read back", "attest" */
    double seconds;
} DumpPhase;

typedef struct Dump {
    const char *path, *globals, *attestation; /* globals NULL when left out */
    const char *format;                       /* "custom", "directory" */
    const char *compression;                  /* "none", "gzip", "zstd" */
    const char *label;                        /* of the source, without a password */
    const char *database, *server_version, *system_identifier;
    const char *tool; /* "pg_dump 15.20 (/usr/lib/postgresql/15/bin)" */
    const char *snapshot_lsn;
    Time snapshot_at;
    uint64_t database_size; /* bytes, as the server says */
    uint64_t bytes_needed;  /* estimated, of the backup */
    uint64_t bytes_free;    /* where it goes */
    uint64_t size;          /* of the backup, as stored */
    uint64_t tables, rows;  /* that hold rows; a dry run knows no rows */
    bool digested;
    bool role_passwords;      /* the globals hold them */
    const char *key_id;       /* of the key that signed it, or NULL */
    size_t swept;             /* leftovers of earlier runs that were removed */
    LIST(const char *) notes; /* warnings of the tools, and what was left out; printable */
    LIST(DumpPhase) phases;
} Dump;

Err *dump_take(Arena *arena, const DumpRequest *request, Dump **out);

#endif
