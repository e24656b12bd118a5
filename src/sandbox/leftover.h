/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_LEFTOVER_H
#define LIFEBOAT_SANDBOX_LEFTOVER_H

#include <sys/types.h>

#include "base/err.h"

/*
 * Directories of sandboxes on disk: whose they are, whether their owner lives, and how they go away.
 *
 * A directory is ours when its name begins with LEFTOVER_PREFIX, it is a real directory (no link) of the user that runs
 * the servers (or of ours), and it holds the marker file. The marker is locked with flock for as long as its owner
 * lives, so a marker that can be locked belongs to a dead one. A kept sandbox says so in its marker and is never swept.
 */
#define LEFTOVER_PREFIX "lifeboat-sandbox-"

/* The given directory, else $LIFEBOAT_SANDBOX_DIR, else /var/tmp. */
const char *leftover_parent(const char *given);

/* Writes and locks the marker; the descriptor must stay open as long as the sandbox lives. */
Err *leftover_mark(Arena *arena, const char *directory, int *descriptor);

/* Marks as kept on purpose. */
Err *leftover_keep(Arena *arena, const char *directory);

/* Kills every process that works in the directory's cluster, and waits until they are gone. */
Err *leftover_kill(Arena *arena, const char *directory);

/* leftover_kill, then removes the directory. */
Err *leftover_remove(Arena *arena, const char *directory);

/* Removes what dead owners left; `uid` is the user that servers run as. */
Err *leftover_sweep(Arena *arena, const char *parent, uid_t uid, size_t *swept);

#endif
