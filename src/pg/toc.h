/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_TOC_H
#define LIFEBOAT_PG_TOC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

/*
 * Toc: header and table of contents of a pg_dump archive, versions 1.12 (PostgreSQL 9.0) to 1.16 (17, 18). The same
 * bytes stand at the front of a custom archive and in toc.dat of the directory and tar formats; only what an entry says
 * about the place of its data differs (an offset there, a file name here).
 *
 * Source of the facts: pg_backup_archiver.c (ReadHead, ReadToc, ReadInt, ReadStr, ReadOffset), pg_backup_archiver.h.
 * Integers are a sign byte and then `integer_size` bytes, lowest first; a string is its length as an integer (-1: NULL)
 * and its bytes.
 *
 * Invariants
 * - Bytes are hostile: a length beyond what is left of the archive, a count that cannot fit, a NUL in a string, a flag
 * that pg_dump never writes are ERR_DATA with the byte offset. Nothing is allocated for a claim, only for bytes that
 * came.
 * - One entry is held at a time; its strings are valid until the next call.
 *
 *     Toc *toc = toc_new(arena, more, context, size);
 *     TRY(toc_header(toc, &header));
 *     for (;;) {
 *         TRY(toc_next(toc, &entry));
 *         if (entry == NULL) break;
 *     }
 */

/* Gives the archive's next bytes, valid until the next call; length 0 at the end. */
typedef Err *(*TocMore)(void *context, Text *piece);

typedef enum TocFormat { TOC_CUSTOM = 1, TOC_TAR = 3 } TocFormat; /* directory format calls itself tar */

typedef enum TocPlace {
    TOC_PLACE_UNKNOWN = 1, /* there is data, but the archive was written to a pipe: find its block */
    TOC_PLACE_KNOWN = 2,
    TOC_PLACE_NONE = 3, /* no data */
} TocPlace;

typedef struct TocHeader {
    int minor, revision; /* the version is 1.minor-revision */
    int integer_size, offset_size;
    TocFormat format;
    const char *compression; /* "none", "gzip", "lz4", "zstd" */
    Time local_time; /* when the dump began, by the clock and in the zone of the dumping host, as if that were UTC;
                      * TIME_NONE when the fields make no date */
    bool daylight;   /* daylight saving time was in force there, so its zone was not UTC */
    const char *database, *server_version, *dump_version; /* never NULL */
    uint64_t entries;
} TocHeader;

typedef struct TocEntry {
    uint64_t id;        /* dump id, 1 or more */
    bool has_data;      /* a data block or file belongs to it */
    uint32_t catalogue; /* oid of the catalogue, and of the object in it */
    uint32_t oid;
    const char *tag, *desc;               /* never NULL */
    const char *definition, *drop, *copy; /* never NULL; copy is the COPY statement, "" for INSERTs */
    const char *schema, *owner;           /* never NULL */
    const char *tablespace, *access_method;
    char relkind;     /* since 1.16; 0 before and for what is no relation */
    int section;      /* 1 none, 2 pre-data, 3 data, 4 post-data */
    uint64_t needs;   /* digest of the identifiers it depends on, in their order */
    bool with_oids;   /* before PostgreSQL 12: rows carry an oid in front */
    TocPlace place;   /* custom */
    uint64_t offset;  /* custom: of the data block, when the place is known */
    const char *file; /* tar, directory: the member, "" when there is none */
} TocEntry;

enum { TOC_PRE_DATA = 2, TOC_DATA = 3, TOC_POST_DATA = 4 }; /* TocEntry.section */

typedef struct Toc Toc;

/* `size` is the length of the archive, or UINT64_MAX when unknown. */
Toc *toc_new(Arena *arena, TocMore more, void *context, uint64_t size);

/* First. ERR_DATA when the bytes are no archive, ERR_UNSUPPORTED for a version outside 1.12 to 1.16. */
Err *toc_header(Toc *toc, TocHeader *out);

/* Instead of toc_header, for a table of contents that stands alone and begins with the number of entries. pg_dump 17
 * and 18 set their standard output to append (_allocAH), so `pg_dump -Fc > file` cannot write the offsets into the
 * first one and leaves a second one behind the data. */
Err *toc_again(Toc *toc, const TocHeader *header);

/* NULL after the last entry. */
Err *toc_next(Toc *toc, const TocEntry **out);

/* Bytes read so far: after the last entry of a custom archive, where its data begins. */
uint64_t toc_offset(const Toc *toc);

#endif
