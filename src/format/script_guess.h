/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_SCRIPT_GUESS_H
#define LIFEBOAT_FORMAT_SCRIPT_GUESS_H

#include <stdbool.h>

#include "base/text.h"

/* True when the first bytes of a file read like a PostgreSQL script: pg_dump's first comment, or a first statement or
 * psql command as scripts have them. Prose that begins with "Select" or "Create" does not. */
bool script_guess(Text head);

/* What a file is that is no backup, told from its first bytes: "an HTML page". NULL when they tell nothing. *other is
 * set when it may well hold a backup, in a form that lifeboat does not read (encrypted, or compressed in another way).
 */
const char *script_guess_stranger(Text head, bool *other);

#endif
