/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_SQL_H
#define LIFEBOAT_PG_SQL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/*
 * Sql: splits a psql script, as pg_dump and pg_dumpall write it (and as people edit it), into statements, psql
 * commands, comment lines and COPY data, as psql would. Bytes may be fed in any chunking: the same events come out.
 *
 * Memory is bounded: a statement is kept up to SQL_STATEMENT_MAXIMUM bytes and its event then says `oversized`; the
 * rows of an INSERT are counted as they pass and never kept, whatever its size; COPY data goes straight to the sink.
 *
 * What is understood: '' strings under both values of standard_conforming_strings (changed by a SET in the script),
 * E'', B'', X'', N'', U&'', "", U&"", $tag$, line comments, nested block comments, parentheses (a ; inside them does
 * not end the statement), BEGIN ATOMIC bodies, psql's backslash commands, COPY ... FROM stdin in text format.
 *
 * Fact sources: psql's fe_utils/psqlscan.l (what ends a statement), bin/psql/copy.c (what ends COPY data),
 * pg_dump.c dumpTableData_insert (INSERT styles).
 *
 *     Sql *sql = sql_new(arena, &sink);
 *     while (more) TRY(sql_feed(sql, chunk));
 *     TRY(sql_finish(sql, &end));
 */
#define SQL_STATEMENT_MAXIMUM ((size_t)8 << 20)
#define SQL_LINE_MAXIMUM ((size_t)4096) /* kept of a comment line or of a psql command line */

typedef struct Sql Sql;

/* One statement, without its semicolon and without what stood before its first token. */
typedef struct SqlStatement {
    Text text;       /* valid during the call; ends in no NUL */
    bool oversized;  /* longer than SQL_STATEMENT_MAXIMUM: `text` is only its beginning */
    uint64_t length; /* of the whole statement */
    uint64_t offset; /* of its first byte in the script */
} SqlStatement;

/* One INSERT statement. */
typedef struct SqlInsert {
    SqlStatement
        head;   /* "INSERT INTO public.t (a, b)", up to the word VALUES; length and offset are the whole statement's */
    bool query; /* its rows come from a query (INSERT ... SELECT) */
    bool counted; /* false: a query, or malformed */
    uint64_t rows;
    Text whole;         /* all of it when sql_keep_inserts was asked for (`oversized` holds for it too), else empty */
    uint64_t narrowest; /* fewest and most values in one row; 0 and 0 for DEFAULT VALUES */
    uint64_t widest;
} SqlInsert;

/* What the script holds, in order. Members are never NULL. An Err from a member ends the feed. */
typedef struct SqlSink {
    void *context;
    Err *(*statement)(void *context, const SqlStatement *statement);
    Err *(*insert)(void *context, const SqlInsert *insert);
    /* A backslash command with its line ("\connect app"), no newline. `inside`: it interrupts a statement, or it is no
     * command but text behind a COPY ... FROM stdin on its line. */
    Err *(*command)(void *context, const SqlStatement *command, bool inside);
    /* A "-- ..." line between statements, no newline. */
    Err *(*comment)(void *context, const SqlStatement *comment);
    /* After a COPY ... FROM stdin statement (which `statement` was told of): takes bytes until the closing line. Takes
     * all of them unless that line ends among them; *used is then the offset behind its newline and *ended is true. */
    Err *(*copy)(void *context, Text bytes, size_t *used, bool *ended);
} SqlSink;

/* What was open when the script ended. */
typedef enum SqlOpen {
    SQL_OPEN_NOTHING,
    SQL_OPEN_STATEMENT, /* tokens without a closing semicolon */
    SQL_OPEN_STRING,
    SQL_OPEN_NAME,    /* "quoted identifier */
    SQL_OPEN_DOLLAR,  /* $tag$ body */
    SQL_OPEN_COMMENT, /* block comment */
    SQL_OPEN_COPY,    /* COPY data without its closing line */
} SqlOpen;

typedef struct SqlEnd {
    SqlOpen open;
    SqlStatement statement; /* the open statement's beginning; empty when there is none; valid until the next call */
    bool rows; /* it is an INSERT, and the script ended behind its VALUES: the statement's text is the whole head */
    uint64_t bytes;      /* of the whole script */
    bool nul;            /* a NUL byte stands outside COPY data: psql would lose the rest of its line */
    uint64_t nul_offset; /* the first one */
} SqlEnd;

Sql *sql_new(Arena *arena, const SqlSink *sink);
Err *sql_feed(Sql *sql, Text bytes);
/* The end of the script. The Sql is as new afterwards. */
Err *sql_finish(Sql *sql, SqlEnd *end);

/* "COPY ... FROM stdin": data follows it. */
bool sql_copies_in(Text statement, bool standard_strings);

/* From now on INSERT statements are kept whole, up to SQL_STATEMENT_MAXIMUM: for who wants to execute them. */
void sql_keep_inserts(Sql *sql);

/* standard_conforming_strings for what follows; on at birth. SET statements in the script change it by themselves. */
void sql_standard_strings(Sql *sql, bool on);

const char *sql_open_text(SqlOpen open); /* "inside a quoted string", ... */

#endif
