/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_WORDS_H
#define LIFEBOAT_SANDBOX_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Words: what pg_restore (12 and later) says on standard error, line by line, turned into errors with their statement.
 *
 * Format facts: pg_backup_archiver.c (warn_or_exit_horribly: "from TOC entry ID; OID OID DESC TAG OWNER", "errors
 * ignored on restore: N"), pg_backup_db.c (ExecuteSqlCommand: "could not execute query: %s" followed by "Command was:
 * %s"). A statement's text may span lines and runs until the next line that begins with "pg_restore: ".
 *
 * pg_restore's exit status is 1 both for "some statements failed, the rest was restored" and for "could not go on".
 * `ignored` tells them apart: without that line the run did not reach its end.
 */
typedef struct WordsError {
    const char *entry;     /* "TABLE public contacts app" as pg_restore names it, or "" */
    const char *message;   /* the server's primary message without "ERROR:  ", or pg_restore's own */
    const char *detail;    /* DETAIL, CONTEXT and the like, one string; "" */
    const char *statement; /* "" when none was given; at most WORDS_STATEMENT bytes */
    bool server;           /* the server said it (false: pg_restore itself) */
} WordsError;

#define WORDS_STATEMENT ((size_t)16384)

typedef struct Words Words;

/* Each error is given to `report` once it is complete; its strings live in the arena of words_new. */
Words *words_new(Arena *arena, void (*report)(void *context, const WordsError *error), void *context);
void words_line(Words *words, Text line);
/* Completes the last error. */
void words_end(Words *words);

uint64_t words_errors(const Words *words); /* errors reported so far */
/* The number in "errors ignored on restore: N"; -1 when that line did not come. */
int64_t words_ignored(const Words *words);

#endif
