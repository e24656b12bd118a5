/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_ATTEST_H
#define LIFEBOAT_FORMAT_ATTEST_H

#include "base/err.h"
#include "base/list.h"
#include "format/backup.h"
#include "inventory/inventory.h"

/*
 * Attestation: what was true of the source at the very snapshot a backup was taken from, written beside it as
 * NAME.attest.json (schema "lifeboat.attestation/1"): the inventory with counts and digests, SHA-256 and size of every
 * file, the snapshot's LSN and time, versions, system identifier. With it a backup is compared exactly, not within a
 * tolerance, and a flipped byte is found however it is stored. A backup and its companions (source/companion.h) may be
 * renamed together: files are told by their place below the backup, not by its name.
 *
 * A signature (Ed25519, OpenSSL) covers the document without its `signature` member, rendered compactly in the order of
 * its members. It says who wrote the attestation; without it somebody who can change the backup can change the
 * attestation.
 */
typedef struct AttestFile {
    const char *name; /* relative to the directory of the backup: "app.dump", "app.dir/toc.dat" */
    uint64_t size;
    const char *sha256; /* 64 hex digits */
} AttestFile;

typedef struct Attest {
    const char *backup; /* base name of the backup */
    const char *format;
    const char *tool_version, *dump_version, *system_identifier, *snapshot_lsn;
    Time snapshot_at;
    LIST(AttestFile) files;
    AttestFile globals; /* roles and tablespaces beside the backup; name NULL when there are none */
    const Inventory *inventory;
    const char *key_id;      /* first 16 hex digits of the public key's SHA-256; NULL when not signed */
    const char *signature;   /* base64; NULL when not signed */
    const char *signed_text; /* what the signature covers */
} Attest;

/* Where the attestation of a backup stands (source/companion.h). */
const char *attest_path(Arena *arena, const char *backup);

/* Lists the backup's files (one, or those of a directory) with size and SHA-256, and its globals when they are there.
 */
Err *attest_list_files(Arena *arena, const char *backup, Attest *attest);

/* ERR_CONFIG, with how to make one, unless the file holds an Ed25519 key in PEM form; a private one must be readable by
 * its owner only. */
Err *attest_check_key(Arena *arena, const char *path, bool private);

/* Written to a temporary name, synced and renamed. `key` is a PEM file with a private key (attest_check_key), or NULL.
 */
Err *attest_write(Arena *arena, const char *path, Attest *attest, const char *key);

/* ERR_NOT_FOUND when there is none; ERR_DATA when it is malformed. */
Err *attest_read(Arena *arena, const char *path, Attest **out);

/* *valid: the signature was made by the private half of the PEM public key; false when it is not signed. */
Err *attest_check_signature(Arena *arena, const Attest *attest, const char *public_key, bool *valid);

/* What the attestation says of files and what is there, one defect (UNEXPECTED, MISSING, DECODE) per difference. */
Err *attest_check_files(Arena *arena, const Attest *attest, const char *backup, BackupDefects *out);

/* What differs between the attested inventory (left) and one of the same moment: that of the backup, or of a copy
 * restored from it. Only what must be equal is told: what a dump never holds is not. */
void attest_compare(Arena *arena, const Inventory *attested, const Inventory *other, InventoryDifferences *out);

#endif
