/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_LIKENESS_H
#define LIFEBOAT_SANDBOX_LIKENESS_H

#include "format/backup.h"
#include "inventory/live.h"

/*
 * Likeness: the inventory of a restored database, to be compared with the backup it came from.
 *
 * pg_dump writes instants (timestamptz) in the time zone of its own session, which a dump does not name. Digests of the
 * copy taken in another zone would differ though not a microsecond is lost. So when tables with instants differ, the
 * zone is looked for in which they do not: there is one exactly when the content is the same. Then the inventory is
 * taken in it.
 */
typedef struct LikenessRequest {
    const Backup *backup; /* read whole */
    const char *database; /* which one of a backup that holds several; NULL: its only one */
    const char *zone;     /* to begin with, where somebody knows it; NULL: UTC */
    LiveRequest live;     /* conninfo, jobs, deadlines, progress; the rest is filled in */
} LikenessRequest;

/* inventory->time_zone says which zone it was. */
Err *likeness_take(Arena *arena, const LikenessRequest *request, Inventory **out);

#endif
