/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_BANNER_H
#define LIFEBOAT_PG_BANNER_H

#include <stdbool.h>

#include "base/text.h"
#include "base/time.h"

/*
 * Banner: the comment lines with which pg_dump and pg_dumpall tell what a script is, where each table's rows begin, and
 * that the script came to its end. Fact sources: pg_backup_archiver.c (RestoreArchive, _printTocEntry, dumpTimestamp),
 * pg_dumpall.c. Line breaks in names are blanks there (sanitize_line), so a name cannot pretend to be another line.
 */
typedef enum BannerKind {
    BANNER_NONE,           /* any other comment */
    BANNER_DUMP_BEGINS,    /* PostgreSQL database dump */
    BANNER_DUMP_ENDS,      /* PostgreSQL database dump complete */
    BANNER_CLUSTER_BEGINS, /* PostgreSQL database cluster dump */
    BANNER_CLUSTER_ENDS,   /* PostgreSQL database cluster dump complete */
    BANNER_SERVER_VERSION, /* Dumped from database version VALUE */
    BANNER_DUMP_VERSION,   /* Dumped by pg_dump version VALUE */
    BANNER_STARTED,        /* Started on VALUE (verbose dumps) */
    BANNER_DATA,           /* Data for Name: VALUE; Type: TABLE DATA; Schema: SCHEMA; ... */
} BannerKind;

typedef struct Banner {
    BannerKind kind;
    Text value, schema; /* part of the line */
} Banner;

/* A comment line with its two dashes, without its newline. */
Banner banner_read(Text line);

/* "2026-11-23 05:00:00 UTC". False when it is no time; *zoned is false when the zone's abbreviation is missing or
 * stands for several zones: then the time is read as UTC. */
bool banner_time(Text value, Time *out, bool *zoned);

#endif
