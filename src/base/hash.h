/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_HASH_H
#define LIFEBOAT_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/*
 * Two hashes with two jobs.
 *
 * HashSum is the order-independent digest of a set of rows: the sum modulo 2^128 of XXH3-128 (seed 0) of each row's
 * bytes. Sums add, so a table read in pieces, in any order, gives the same value; an empty set is zero. It finds
 * accidents and is not a signature: nothing here defends against a forger.
 *
 * hash_sha256_* are SHA-256 (OpenSSL), for files and attestations.
 */
typedef struct HashSum {
    uint64_t low;
    uint64_t high;
} HashSum;

/* One item's digest; hash_sum_add(&total, hash_row(...)) is the per-row step of a caller that is not in a hurry. */
HashSum hash_row(const void *bytes, size_t length);
void hash_sum_add(HashSum *total, HashSum item);
bool hash_sum_equal(HashSum a, HashSum b);
/* 32 lower-case hex digits, high half first; and back, false when malformed. */
const char *hash_sum_text(Arena *arena, HashSum sum);
bool hash_sum_parse(Text text, HashSum *out);

/* 64 lower-case hex digits of the file's SHA-256, read in constant memory. */
Err *hash_sha256_file(Arena *arena, const char *path, const char **out);
const char *hash_sha256_text(Arena *arena, Text bytes);

#endif
