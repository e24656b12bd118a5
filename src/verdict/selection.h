/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_SELECTION_H
#define LIFEBOAT_VERDICT_SELECTION_H

#include <stdbool.h>

#include "base/err.h"
#include "base/list.h"

/*
 * Selection: which backups a path means. A file, or a directory that is one backup, is itself. A folder means its
 * newest backup, or each of them.
 *
 * A candidate is what is a backup by content, and also what only claims to be one by its name (app.dump, app.sql.gz)
 * or cannot be looked at: a job that writes empty files must not hide behind yesterday's good one. Newest goes by the
 * time that a backup states inside, else by the file's. Unfinished files (directory.h) and scripts that hold roles
 * only, which lie beside dumps, are not candidates.
 */
typedef struct SelectionItem {
    const char *path;
    const Err *obstacle; /* why there is nothing to open: ERR_NOT_FOUND, ERR_PERMISSION, ... */
} SelectionItem;

typedef LIST(SelectionItem) Selection;

/* At least one item comes back; an error only when interrupted. */
Err *selection_find(Arena *arena, const char *path, bool all, Selection *out);

#endif
