/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_UNPACK_H
#define LIFEBOAT_FORMAT_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "format/backup.h"

/*
 * Unpack: compressed bytes become plain ones, piece by piece, in memory that does not depend on how many there are.
 *
 * A method is one row: one kind of stream, one library. Unpack drives a method: it takes stored bytes from a source, a
 * piece at a time, and gives plain bytes, a piece at a time.
 *
 * Invariants
 * - Checksums that the stream carries are verified; `unpack_checked` says whether all streams carried one.
 * - A damaged or cut stream is not an Err: unpack_next gives no more bytes and unpack_damage says what was found. What
 *   was given before stays given, so a caller counts rows only once the end was reached without damage.
 * - Buffers and library states are made on first use and used again for the next stream.
 *
 *     Unpack *unpack = unpack_new(arena);
 *     unpack_start(unpack, &unpack_gzip, source, context);
 *     do {
 *         TRY(unpack_next(unpack, &plain));
 *         consume(plain);
 *     } while (plain.length > 0);
 *     if (unpack_damage(unpack)->message != NULL) ...
 */

/* What a step reads and writes; the step moves the pointers and reduces the lengths. */
typedef struct UnpackIo {
    const uint8_t *in;
    size_t in_left;
    uint8_t *out;
    size_t out_left;
    bool checked;    /* set at the end of a stream that carried a checksum (it was right) */
    bool overran;    /* set at the end of a stream when bytes after it were taken as well */
    const char *why; /* set with UNPACK_DAMAGED: a constant string */
} UnpackIo;

typedef enum UnpackStep {
    UNPACK_MORE,    /* wants more input or more room */
    UNPACK_DONE,    /* the stream ended and everything was given; input after it is untouched */
    UNPACK_DAMAGED, /* why says what is wrong */
} UnpackStep;

typedef struct UnpackMethod {
    const char *name;             /* as in Backup.compression: "none", "gzip", "zstd", "lz4" */
    const char *suffix;           /* of a member in directory format: ".gz"; "" for none */
    bool concatenated;            /* streams may follow each other in one file */
    bool (*recognise)(Text head); /* first bytes of a stored file; NULL: cannot be told from its bytes */
    void *(*make)(Arena *arena);  /* NULL for none: bytes are given through as they are */
    void (*start)(void *state);
    UnpackStep (*step)(void *state, UnpackIo *io);
} UnpackMethod;

extern const UnpackMethod unpack_none;
extern const UnpackMethod unpack_gzip;         /* gzip files (RFC 1952), ISA-L where built with it */
extern const UnpackMethod unpack_gzip_zlib;    /* zlib streams (RFC 1950), as in custom archives */
extern const UnpackMethod unpack_inflate;      /* gzip files through zlib, portable */
extern const UnpackMethod unpack_inflate_zlib; /* zlib streams through zlib, portable */
extern const UnpackMethod unpack_zstd;
extern const UnpackMethod unpack_lz4; /* LZ4 frames */

/* Kinds of stored file that their first bytes tell apart; NULL-terminated, without unpack_none. */
extern const UnpackMethod *const unpack_table[];

/* The method of a file that begins with these bytes (a few are enough); unpack_none when no method knows them. */
const UnpackMethod *unpack_recognise(Text head);

/* Gives the next stored bytes, valid until the next call; length 0 at the end. */
typedef Err *(*UnpackSource)(void *context, Text *piece);

typedef struct UnpackDamage {
    BackupDefectKind kind;
    const char *message; /* printable, one line; NULL while nothing is wrong */
} UnpackDamage;

typedef struct Unpack Unpack;

/* The arena must belong to the thread that uses it. */
Unpack *unpack_new(Arena *arena);
void unpack_start(Unpack *unpack, const UnpackMethod *method, UnpackSource source, void *context);

/* The next plain bytes, valid until the next call; length 0 at the end or at damage. Errors are the source's own. A
 * source without any byte is a truncated stream, unless the method is none. */
Err *unpack_next(Unpack *unpack, Text *plain);

const UnpackDamage *unpack_damage(const Unpack *unpack);

/* True when every stream since unpack_start carried a checksum. */
bool unpack_checked(const Unpack *unpack);

#endif
