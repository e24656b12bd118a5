/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_ORIGIN_H
#define LIFEBOAT_SANDBOX_ORIGIN_H

#include "base/err.h"
#include "base/list.h"
#include "base/text.h"
#include "format/backup.h"

/*
 * Origin: what an archive says of the database as a whole: how it was created, and its settings. pg_restore needs none
 * of it to fill a database that exists; whoever makes that database does. A script tells only with --create.
 */
typedef struct OriginOption {
    const char *name;  /* "LOCALE", "LC_COLLATE", ...: one that CREATE DATABASE takes */
    const char *value; /* not quoted */
} OriginOption;

typedef struct Origin {
    LIST(OriginOption) locale;   /* provider and locale, in the order of the dump; nothing for a script */
    LIST(const char *) settings; /* ALTER DATABASE ... SET ..., printable */
} Origin;

Err *origin_read(Arena *arena, const Backup *backup, Origin *out);

/* The locale options of one CREATE DATABASE statement; whatever else it says is left out. Pure. */
void origin_parse(Arena *arena, Text statement, Origin *out);

#endif
