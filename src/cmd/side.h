/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_SIDE_H
#define LIFEBOAT_CMD_SIDE_H

#include "cmd/command.h"
#include "format/backup.h"

/*
 * Side: what an operand names that has an inventory: a backup, a running database, or a saved inventory. Told apart
 * without asking: a connection string looks like one, the rest by the file's content.
 */
typedef enum SideKind { SIDE_BACKUP, SIDE_LIVE, SIDE_SAVED } SideKind;

typedef struct Side {
    SideKind kind;
    const char *operand;
    const char *label; /* printable, no password */
    Backup *backup;    /* SIDE_BACKUP: opened by side_open, read by side_read */
    Inventory *inventory;
} Side;

typedef struct SideReading {
    int jobs;
    bool digests;
    uint64_t estimate_above;
    int64_t statement_timeout, lock_timeout;
    const Side *other; /* what it will be compared with, or NULL: a live side is read in its encoding and time zone */
} SideReading;

/* How sides are read: for the commands that read any. */
extern const Option side_jobs, side_estimate_above, side_statement_timeout, side_lock_timeout;

/* What those options say; `digests` and `other` are left for the caller. */
SideReading side_reading(const Settings *settings);

/* Opens backups and reads saved inventories; a live side is only recognised (nothing is asked yet). Warns of a password
 * in the operand: others on the machine can see it. */
Err *side_open(Arena *arena, const char *operand, Side *out);

/* Completes the inventory: reads the backup whole, asks the live database. */
Err *side_read(Arena *arena, Side *side, const SideReading *reading);

/* Logs the warning about a password on the command line when the connection string holds one. */
void side_warn_of_password(const char *conninfo);

/* What was wrong with the bytes of a backup, one line each, at most `limit` of them; nothing for other sides. */
void side_print_defects(Arena *arena, const Side *side, size_t limit, FILE *out);

#endif
