/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_PARTIAL_H
#define LIFEBOAT_SANDBOX_PARTIAL_H

#include "base/err.h"

/*
 * Partial: the hidden directory, beside where a backup is to be, in which it is written; and into which one that is no
 * longer wanted is moved before it is deleted. So a backup has its name when it is whole, or not at all.
 *
 * Whatever ends lifeboat, the next run in the same folder sweeps what is left. A directory is ours when its name begins
 * with PARTIAL_PREFIX, it is a real directory (no link) of the user we are, and it holds the marker file; the marker is
 * locked (flock) for as long as its owner lives, so one that can be locked belongs to a dead owner. The marker names
 * the backup: companions that stand there under its name without it are removed as well.
 */
#define PARTIAL_PREFIX ".lifeboat-partial-"

typedef struct Partial {
    const char *folder;    /* absolute: where the backup is to be */
    const char *directory; /* absolute: the hidden one in it */
    const char *name;      /* of the backup */
    int marker;            /* the locked descriptor */
} Partial;

Err *partial_make(Arena *arena, const char *folder, const char *name, Partial **out);

/* Moves a file or directory into place, or away. Never over something that is there: ERR_IO. */
Err *partial_move(Arena *arena, const char *from, const char *to);

/* Removes the directory with all that is in it, and gives up the lock. */
Err *partial_remove(Arena *arena, Partial *partial);

/* Removes what dead owners left in the folder. What cannot be removed is logged and left for the next time. */
Err *partial_sweep(Arena *arena, const char *folder, size_t *swept);

#endif
