/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_FORMAT_H
#define LIFEBOAT_FORMAT_FORMAT_H

#include "base/file.h"
#include "format/backup.h"
#include "format/unpack.h"

/*
 * Format: how a backup is written. One file, one row in the table of backup.c. And the machinery all formats share for
 * reading: members to threads whole, largest first, each thread with its own state, results merged at the end.
 */

/* What is known of a path before it is opened: enough to tell the format, by content. */
typedef struct FormatProbe {
    const char *path;
    FileInfo info;
    const UnpackMethod *packed; /* how the whole file is compressed; unpack_none for none and for directories */
    Text head;                  /* first plain bytes: FORMAT_HEAD of them, or all there are; empty for a directory */
} FormatProbe;

#define FORMAT_HEAD 4096

typedef struct Format {
    const char *name;    /* Backup.format */
    const char *summary; /* one line for people */
    bool (*recognise)(const FormatProbe *probe);
    /* Fills the backup from its front. The backup has arena, path, id, size_bytes, modified and an empty inventory; the
     * probe lives as long as the backup. ERR_DATA when the front is unreadable. */
    Err *(*open)(Backup *backup, const FormatProbe *probe);
    /* Reads every byte, adds defects, completes the inventory; as backup_read. */
    Err *(*read)(Backup *backup, const BackupReadRequest *request);
} Format;

extern const Format custom_format, directory_format, tar_format, script_format;

/* All of them, NULL-terminated (backup.c). */
extern const Format *const backup_formats[];

/* Bytes per read() and per decompressed piece. 256 KiB measured best: larger falls out of the second-level cache. */
#define FORMAT_BUFFER (256 * 1024)

/*
 * A member: a piece of the backup that one thread reads whole (a table's data, a file). The reader fills `defects`;
 * they are added to the backup's in the order of the members, whoever read them when.
 */
typedef struct FormatMember {
    uint64_t size; /* stored bytes, or a guess: order and nothing else depends on it */
    void *what;    /* the format's own */
    uint64_t raw_bytes;
    BackupDefects defects;
} FormatMember;

typedef struct FormatReading FormatReading;

/* What one thread owns while members are read. */
typedef struct FormatThread {
    FormatReading *reading;
    FormatMember *member; /* being read */
    Arena *arena;         /* results placed here live as long as the backup */
    Arena *scratch;       /* freed when all members are read */
    Unpack *unpack;       /* kept warm from member to member */
    uint8_t *buffer;      /* FORMAT_BUFFER bytes for stored bytes */
    void *state;          /* the format's own, made by `start` */
    uint64_t unreported;  /* private to format.c: stored bytes read since progress was told */
} FormatThread;

struct FormatReading {
    Backup *backup; /* only read while threads run, except what belongs to one member alone */
    const BackupReadRequest *request;
    uint64_t total; /* stored bytes, for progress */
    void *context;  /* the format's own */
    /* Makes a thread's own state before its first member; may be NULL. */
    Err *(*start)(FormatThread *thread);
    /* Reads one member whole. An error ends the reading; what is wrong with the content is a defect. */
    Err *(*member)(FormatThread *thread, FormatMember *member);
    /* Adds a thread's state to the backup's, called in turn when all members are read; may be NULL. */
    void (*merge)(FormatThread *thread);
    struct FormatProgress *progress; /* private to format.c */
};

Err *format_read_members(FormatReading *reading, FormatMember *members, size_t count);

/* "17.11 (Debian ...)" is 17, "9.6.24" is 9; 0 when it does not begin with a number. */
int format_major(const char *version);

/* Stored bytes were read: tells progress, and returns ERR_INTERRUPTED when the user asked to stop. Call it for every
 * FORMAT_BUFFER bytes or so. */
Err *format_advance(FormatThread *thread, uint64_t stored);

/* Adds a defect of the member being read. `where` and `table` must outlive the backup (or NULL); the message is
 * formatted into the thread's arena. Bytes from the backup in it go through text_quote first. */
void format_defect(FormatThread *thread, const BackupDefect *defect, const char *message, ...)
    __attribute__((format(printf, 3, 4)));

/* The same outside of threads. */
void format_defect_add(Backup *backup, const BackupDefect *defect, const char *message, ...)
    __attribute__((format(printf, 3, 4)));

/* A run of stored bytes in an open file, in pieces of up to FORMAT_BUFFER: the source of an Unpack. */
typedef struct FormatRange {
    FormatThread *thread;
    int descriptor;
    uint64_t at, end; /* the file may be shorter than `end`: pieces stop, at < end */
} FormatRange;

Err *format_range_next(void *range, Text *piece); /* an UnpackSource */

#endif
