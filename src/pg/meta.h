/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_META_H
#define LIFEBOAT_PG_META_H

#include "base/arena.h"
#include "base/text.h"

/*
 * Meta: psql's backslash commands, as scripts hold them. Fact sources: appendPsqlMetaConnect in fe_utils/string_utils.c
 * (how pg_dump writes \connect), bin/psql/command.c.
 */
typedef enum MetaKind {
    META_CONNECT,  /* \connect, \c: `database` is its name, NULL when it stays the same */
    META_HARMLESS, /* changes nothing that a script restores: \restrict, \set, \echo, ... */
    META_INCLUDE,  /* reads another file: \i, \ir, \copy, \lo_import */
    META_REACHES,  /* runs a program or writes a file where the script is read: \!, \o FILE, anything with `...` */
    META_UNKNOWN,  /* no command that belongs into a script */
} MetaKind;

typedef struct Meta {
    MetaKind kind;
    const char *name; /* "connect": letters only, printable */
    const char *database;
} Meta;

/* A line with its backslash, without its newline. */
Meta meta_read(Arena *arena, Text line);

#endif
