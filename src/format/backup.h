/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_BACKUP_H
#define LIFEBOAT_FORMAT_BACKUP_H

#include "base/err.h"
#include "base/list.h"
#include "base/time.h"
#include "inventory/inventory.h"

/*
 * Backup: one backup, opened. What it is gets told from its bytes, never from its name.
 *
 * backup_open reads only what stands at the front (signature, header, table of contents): cheap at any size.
 * backup_read then reads all of it once, with up to `jobs` threads, counts and digests every table, and completes the
 * inventory.
 *
 * A defect is a fact about the bytes ("block 3 of table x: inflate says incorrect data check"); the checks turn defects
 * into findings. backup_open returns ERR_DATA when the bytes are no backup at all (or its header is unreadable);
 * backup_read returns an Err only when lifeboat could not do its work (I/O error, interrupted), never for bad content.
 *
 * Memory: bounded by jobs and by the table of contents, not by the size of the backup.
 */
typedef enum BackupDefectKind {
    BACKUP_DEFECT_HEADER,     /* header or table of contents inconsistent */
    BACKUP_DEFECT_DECODE,     /* a stream does not decompress, a checksum does not match, a length is impossible */
    BACKUP_DEFECT_TRUNCATED,  /* ends too early: inside a block, a member, a COPY, or before the closing line */
    BACKUP_DEFECT_COPY,       /* COPY rows not well-formed: wrong column count, NUL byte, no end marker */
    BACKUP_DEFECT_MISSING,    /* the table of contents promises data that is not there */
    BACKUP_DEFECT_HOSTILE,    /* a script's line runs a program, or writes a file, where it is read */
    BACKUP_DEFECT_UNEXPECTED, /* data that nothing announces: unknown block, second block, trailing garbage, extra file
                               */
} BackupDefectKind;

typedef struct BackupDefect {
    BackupDefectKind kind;
    const char *where;   /* printable: table, member file, or "table of contents"; with a byte offset where known */
    const char *message; /* printable, one line */
    const char *table;   /* the table it concerns, as inventory_table_text, or NULL */
} BackupDefect;

typedef LIST(BackupDefect) BackupDefects;

typedef struct Backup {
    Arena *arena;
    const char *path;
    const char *id;          /* base name of the path */
    const char *format;      /* "custom", "directory", "tar", "script" */
    const char *compression; /* "none", "gzip", "zstd", "lz4"; of the data (archives) or of the file (scripts) */
    bool several_databases;  /* a pg_dumpall script */
    bool globals_only;       /* roles and tablespaces, no database */
    bool insert_style;       /* rows as INSERT statements: no digest */
    uint64_t size_bytes;     /* stored size: the file, or the sum of a directory's files */
    Time modified;           /* newest modification time of its files */
    Time taken_at;        /* when the dump began: from the header (archives), "Started on" (scripts); else modified */
    bool taken_at_stated; /* stated inside the backup rather than the file time */
    const char *taken_at_note; /* printable: how far taken_at can be trusted (archives state no time zone), or NULL */
    const char *server_version, *dump_version; /* "17.11 (Debian ...)" or "" */
    int server_major, dump_major;              /* 0 when unknown */
    const char *archive_version;               /* "1.16" or "" */
    const char *encoding, *database;
    /* how the dump was made, as far as its content tells */
    bool no_schema, no_data, row_security_on, excludes_large_objects;
    Inventory *inventory; /* tables and objects after open (archives) or after read (scripts); counts after read */
    BackupDefects defects;
    bool read_whole;             /* backup_read came to the end of every byte */
    bool unchecked;              /* some data carries no checksum of its own: a flipped byte in it can go unseen */
    uint64_t raw_bytes;          /* decompressed table data seen */
    const struct Format *reader; /* format/format.h */
    void *state;                 /* the format's own */
} Backup;

typedef struct BackupReadRequest {
    int jobs; /* at least 1 */
    /* Called from one thread at a time, at most ten times a second, with stored bytes done and in all; may be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
} BackupReadRequest;

/* True when the path is one backup (file, or directory with toc.dat), judged by content; false and NULL error when not.
 */
Err *backup_recognise(Arena *arena, const char *path, bool *out);

Err *backup_open(Arena *arena, const char *path, Backup **out);
Err *backup_read(Backup *backup, const BackupReadRequest *request);

#endif
