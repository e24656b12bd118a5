/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_COPY_SCAN_H
#define LIFEBOAT_PG_COPY_SCAN_H

#include <endian.h>
#include <string.h>

/* Inlined into both scanners, so that each gets XXH3 built for its own instruction set. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pg/copy.h"

/*
 * The scanner, private to copy.c (portable) and copy_avx2.c: this body is compiled twice, once for each. It walks 64
 * bytes at a time as three bit masks (newline, tab, NUL) and works only where a newline is.
 */
typedef struct CopyScan {
    CopyResult result;
    uint64_t tabs;        /* in the row so far */
    uint64_t tabs_wanted; /* values - 1 */
    bool tabs_known;
    bool rows_empty; /* a table without columns */
    bool carrying;   /* the row began in an earlier piece: its bytes are in `carry` */
    uint64_t carried;
    uint8_t carried_start[2]; /* first bytes of that row: enough to know the "\." line */
    XXH3_state_t *carry;
} CopyScan;

typedef struct CopyMasks {
    uint64_t newline, tab, nul;
} CopyMasks;

/* Returns how many bytes were used; fewer than length only at the "\." line. */
size_t copy_avx2(CopyScan *scan, const uint8_t *bytes, size_t length);

static inline void copy_scan_wrong(CopyScan *scan, uint64_t tabs, uint64_t length) {
    CopyResult *result = &scan->result;
    if (!scan->tabs_known) {
        scan->tabs_known = true;
        scan->tabs_wanted = tabs;
        return;
    }
    result->wrong_rows++;
    if (result->problem != COPY_FINE)
        return;
    result->problem = COPY_COLUMNS;
    result->row = result->rows + 1;
    result->values = scan->rows_empty && tabs == 0 && length == 0 ? 0 : tabs + 1;
}

static inline bool copy_scan_is_end(const uint8_t *row) {
    return row[0] == '\\' && row[1] == '.';
}

/* The end of a row that began in an earlier piece; false when it was the "\." line. */
static inline bool copy_scan_end_carried(CopyScan *scan, const uint8_t *bytes, size_t length, uint64_t *total,
                                         XXH128_hash_t *hash) {
    *total = scan->carried + length;
    scan->carrying = false;
    if (*total == 2) {
        uint8_t row[2] = {scan->carried_start[0], length > 0 ? bytes[0] : scan->carried_start[1]};
        if (copy_scan_is_end(row))
            return false;
    }
    XXH3_128bits_update(scan->carry, bytes, length);
    *hash = XXH3_128bits_digest(scan->carry);
    return true;
}

/* One row, from `bytes` (or from the carry) to just before its newline; false when it was the "\." line. */
static inline bool copy_scan_row(CopyScan *scan, const uint8_t *bytes, size_t length, uint64_t tabs) {
    XXH128_hash_t hash;
    uint64_t total = length;
    if (scan->carrying) {
        if (!copy_scan_end_carried(scan, bytes, length, &total, &hash))
            return false;
    } else {
        if (length == 2 && copy_scan_is_end(bytes))
            return false;
        hash = XXH3_128bits(bytes, length);
    }
    CopyResult *result = &scan->result;
    if (tabs != scan->tabs_wanted || (scan->rows_empty && total != 0) || !scan->tabs_known)
        copy_scan_wrong(scan, tabs, total);
    result->rows++;
    result->bytes += total + 1;
    uint64_t low = result->digest.low + hash.low64;
    result->digest.high += hash.high64 + (low < hash.low64);
    result->digest.low = low;
    return true;
}

/* What is left of a piece after its last newline begins, or continues, a carried row. */
static inline void copy_scan_carry(CopyScan *scan, const uint8_t *bytes, size_t length) {
    if (!scan->carrying) {
        scan->carrying = true;
        scan->carried = 0;
        XXH3_128bits_reset(scan->carry);
    }
    for (size_t i = 0; i < length && scan->carried + i < 2; i++)
        scan->carried_start[scan->carried + i] = bytes[i];
    XXH3_128bits_update(scan->carry, bytes, length);
    scan->carried += length;
}

static inline CopyMasks copy_scan_masks(const uint8_t *bytes);

/* Masks of up to 64 bytes at `at`. A short rest is read as the end of the last 64 bytes, or from a copy when there are
 * not so many: never past the piece. */
static inline CopyMasks copy_scan_masks_at(const uint8_t *bytes, size_t length, size_t at) {
    size_t rest = length - at;
    if (rest >= 64)
        return copy_scan_masks(bytes + at);
    if (length >= 64) {
        CopyMasks masks = copy_scan_masks(bytes + length - 64);
        size_t shift = 64 - rest;
        return (CopyMasks){masks.newline >> shift, masks.tab >> shift, masks.nul >> shift};
    }
    uint8_t padded[64];
    memset(padded, ' ', sizeof(padded));
    memcpy(padded, bytes + at, rest);
    return copy_scan_masks(padded);
}

static inline void copy_scan_nul(CopyScan *scan) {
    if (scan->result.problem == COPY_FINE) {
        scan->result.problem = COPY_NUL;
        scan->result.row = scan->result.rows + 1;
    }
}

static inline size_t copy_scan_piece(CopyScan *scan, const uint8_t *bytes, size_t length) {
    size_t row = 0;
    uint64_t tabs = scan->tabs, nul = 0;
    for (size_t at = 0; at < length; at += 64) {
        CopyMasks masks = copy_scan_masks_at(bytes, length, at);
        nul |= masks.nul;
        while (masks.newline != 0) {
            unsigned bit = (unsigned)__builtin_ctzll(masks.newline);
            uint64_t below = (UINT64_C(1) << bit) - 1;
            tabs += (uint64_t)__builtin_popcountll(masks.tab & below);
            if (!copy_scan_row(scan, bytes + row, at + bit - row, tabs)) {
                scan->result.ended = true;
                if ((nul | (masks.nul & below)) != 0)
                    copy_scan_nul(scan);
                return at + bit + 1;
            }
            tabs = 0;
            row = at + bit + 1;
            masks.tab &= ~below;
            masks.newline &= masks.newline - 1;
        }
        tabs += (uint64_t)__builtin_popcountll(masks.tab);
    }
    if (nul != 0)
        copy_scan_nul(scan);
    scan->tabs = tabs;
    if (row < length)
        copy_scan_carry(scan, bytes + row, length - row);
    return length;
}

#endif
