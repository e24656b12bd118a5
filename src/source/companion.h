/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SOURCE_COMPANION_H
#define LIFEBOAT_SOURCE_COMPANION_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * Companion: what stands beside a backup and belongs to it: "<backup>.attest.json" (format/attest.h) and
 * "<backup>.globals.sql" (roles and tablespaces). They are renamed, copied and removed together with it, and are no
 * backups of their own. A trailing slash of a directory is ignored.
 */
const char *companion_attestation(Arena *arena, const char *backup);
const char *companion_globals(Arena *arena, const char *backup);

/* The path is a companion: it is named like one, and the backup it belongs to is there (an attestation needs none). */
bool companion_is(Arena *arena, const char *path);

#endif
