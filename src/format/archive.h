/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_ARCHIVE_H
#define LIFEBOAT_FORMAT_ARCHIVE_H

#include "format/format.h"
#include "pg/toc.h"

/*
 * Archive: what the custom, directory and tar formats share. The table of contents becomes an inventory and a list of
 * entries that have data; the data of an entry becomes rows, bytes and a digest in that inventory.
 *
 * A format finds an entry's bytes, starts thread->unpack on them and calls archive_read_data or archive_read_object:
 * these take everything up to the end of the stream and report what is wrong with it.
 */
typedef enum ArchiveContent {
    ARCHIVE_COPY,    /* rows in COPY text format */
    ARCHIVE_INSERTS, /* rows as INSERT statements: counted, not digested */
    ARCHIVE_OBJECTS, /* large objects */
    ARCHIVE_OTHER,   /* data this version has no name for: decoded and otherwise left alone */
} ArchiveContent;

/* An entry of the table of contents that has data. */
typedef struct ArchiveEntry {
    uint64_t id;
    ArchiveContent content;
    const char *where; /* printable: "public.contacts", "large objects", "EVENT DATA x" */
    const char *schema, *name;
    size_t table;    /* position in the sealed inventory's tables; SIZE_MAX when it is no table */
    int64_t columns; /* values in each COPY row */
    TocPlace place;
    uint64_t offset;
    const char *file;
} ArchiveEntry;

typedef struct Archive {
    TocHeader header;
    LIST(ArchiveEntry) entries;  /* in the order of the table of contents */
    uint64_t toc_begin, toc_end; /* where the table of contents is: its count of entries, behind its last entry */
    HashSum toc_digest;          /* of all entries, but for the places of their data */
    uint64_t objects_promised;   /* large objects the table of contents names */
    bool standard_strings;
} Archive;

/* Where a table of contents comes from: `more` gives the bytes, `size` is how many there are (UINT64_MAX when unknown).
 */
typedef struct ArchiveBytes {
    TocMore more;
    void *context;
    uint64_t size;
} ArchiveBytes;

/* Reads header and table of contents into backup->state (an Archive) and the inventory, which it seals. */
Err *archive_open(Backup *backup, const ArchiveBytes *bytes);

/* The dump began shortly before this instant, as something inside the archive says: with it the zone of the header's
 * clock is known. An instant that no zone explains is ignored. */
void archive_anchor(Backup *backup, Time instant);

/* True when the bytes are the table of contents once more (see toc_again), whole and with nothing behind it, and it
 * knows the offset of every entry's data: `places`, in the order of archive->entries. */
Err *archive_second_toc(const Backup *backup, const ArchiveBytes *bytes, uint64_t *places, bool *out);

/* A FormatReading's `start` and `merge` for archives: thread->state belongs to archive.c. */
Err *archive_start(FormatThread *thread);
void archive_merge(FormatThread *thread);

/* Reads the data of a table. `damage` is what the format found wrong with the stored bytes by the time they ended (its
 * message NULL for nothing); looked at when the stream has ended. */
Err *archive_read_data(FormatThread *thread, const ArchiveEntry *entry, const UnpackDamage *damage);

/* Reads one large object. */
Err *archive_read_object(FormatThread *thread, uint32_t oid, const UnpackDamage *damage);

/* A large object without a single stored byte: pg_dump 16 and later write nothing for an empty one. */
void archive_empty_object(FormatThread *thread, uint32_t oid);

/* Adds a defect of this entry to the member being read. */
void archive_defect(FormatThread *thread, const ArchiveEntry *entry, const UnpackDamage *damage);

/* The data of this entry will not be read: its table's count is unknown, for this reason. */
void archive_unreadable(Backup *backup, const ArchiveEntry *entry, const char *why);

/* All members are read: compares large objects found with those promised, sums up. */
void archive_finish(Backup *backup);

#endif
