/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_ARCHIVE_FILES_H
#define LIFEBOAT_FORMAT_ARCHIVE_FILES_H

#include "format/archive.h"

/*
 * The archives whose table of contents names a file for each entry with data: directory format, where they are files,
 * and tar, where they are members of one. Large objects have a file each, and a list of them (blobs.toc, since
 * PostgreSQL 17 one blobs_N.toc for each entry): lines of an oid and a name. Facts: pg_backup_directory.c,
 * pg_backup_tar.c.
 *
 * Every file belongs to something and everything has its file: the rest is MISSING or UNEXPECTED.
 */
typedef struct ArchiveFile {
    const char *name;
    uint64_t at, size; /* in the tar file; at is 0 in a directory */
    bool regular;
    bool used; /* something names it */
} ArchiveFile;

typedef struct ArchiveFiles {
    LIST(ArchiveFile) list;
    const char *directory; /* the files are here, perhaps with a suffix for their compression; NULL: members of a tar */
    int descriptor;        /* of the tar file */
} ArchiveFiles;

/* Sorts the list by name. Second files of a name are reported. Once, before anything below. */
void archive_files_ready(Backup *backup, ArchiveFiles *files);

/* The file of that name, or (in a directory) of that name with the suffix of a compression, which *method says. NULL
 * when there is none. Whoever takes it sets `used`. */
ArchiveFile *archive_files_find(ArchiveFiles *files, const char *name, const UnpackMethod **method);

/* Reads everything the table of contents names, reports what is missing and what is left over, finishes the archive. */
Err *archive_files_read(Backup *backup, const BackupReadRequest *request, ArchiveFiles *files);

#endif
