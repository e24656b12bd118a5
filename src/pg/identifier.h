/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_IDENTIFIER_H
#define LIFEBOAT_PG_IDENTIFIER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/*
 * SQL identifiers: how PostgreSQL quotes a name (quote_identifier in src/backend/utils/adt/ruleutils.c) and reads one
 * back. Quoting follows PostgreSQL 18's key words: every word that is not "unreserved" gets quotes, whatever the
 * server's version.
 */

/* The name, in double quotes when SQL needs them. Not made safe for terminals: see text_safe. */
const char *identifier_quote(Arena *arena, const char *name);

/* As above, always in quotes: for building SQL, where no version's key words matter. */
const char *identifier_always_quote(Arena *arena, const char *name);

/* Reads one identifier at the front of *rest and moves past it: quoted ("" is a quote) as written, bare folded to lower
 * case as PostgreSQL folds ASCII. False when there is none, a quote does not close, or the name is empty; *quoted tells
 * which it was. */
bool identifier_read(Arena *arena, Text *rest, const char **out, bool *quoted);

#endif
