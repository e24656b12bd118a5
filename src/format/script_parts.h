/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_SCRIPT_PARTS_H
#define LIFEBOAT_FORMAT_SCRIPT_PARTS_H

#include "format/script_objects.h"
#include "format/script_reader.h"
#include "inventory/ddl.h"
#include "pg/copy.h"
#include "pg/sql.h"

/* What the files of the script reader share; nobody else includes this. */

/* Rows: COPY blocks and INSERT statements, and the tables they belong to (positions in the inventory's list). */
typedef struct ScriptData {
    Copy *copy;
    bool copying;  /* between a COPY statement and its end */
    bool plain;    /* in COPY text format */
    size_t table;  /* of the COPY; SIZE_MAX when the statement names none */
    int64_t width; /* values in its rows, or COPY_COLUMNS_UNKNOWN */
    uint64_t copies, inserts;
    Buf *head; /* of the INSERT before: most have the same */
    size_t head_table;
    uint64_t head_columns; /* it lists; 0 when it lists none */
    bool inserted_last;    /* rows came by INSERT after the last COPY, into head_table */

    /* "Data for Name: ..." */
    bool announced;            /* one was seen at all */
    bool waiting;              /* the last one's rows have not come */
    Buf *schema, *name;        /* of the last one */
    LIST(size_t) without_rows; /* tables announced, and no rows came */
} ScriptData;

struct ScriptReader {
    FormatThread *thread;
    Arena *work; /* for what is not kept: script_reader_work */
    uint64_t defects;
    Backup *backup;
    Inventory *inventory;
    Sql *sql;
    Ddl *ddl;
    ScriptObjects *objects;
    ScriptData data;
    const char *encoding;

    bool cluster;      /* began as a pg_dumpall script */
    bool cluster_open; /* ... which has not ended */
    bool dump_open;    /* a dump has begun and not ended */
    uint64_t ends;     /* closing lines */
    bool ended;        /* nothing more is expected */
    bool told;         /* that something stands there nonetheless */
    bool reset;        /* the last statement was RESET ALL */
    bool transaction;  /* BEGIN without COMMIT */
    bool definitions;
    bool settings; /* values of sequences */
};

/* ---- script_reader.c ---- */
/* An arena for messages on their way to a defect. What is placed in it stays until the next statement. */
Arena *script_reader_work(ScriptReader *reader);
/* "byte 4711": where a statement stands. */
const char *script_reader_place(Arena *arena, uint64_t offset);
/* Adds a defect at an offset, or of a table (its position). A script can have any number of them, and nobody reads more
 * than some: false when it is one too many. */
bool script_reader_defect(ScriptReader *reader, BackupDefectKind kind, uint64_t offset, const char *message);
bool script_reader_table_defect(ScriptReader *reader, BackupDefectKind kind, size_t table, const char *message);
/* What the rest of the message says of a statement: its beginning, printable. */
const char *script_reader_quote(ScriptReader *reader, Text statement);

/* ---- script_data.c ---- */
void script_data_start(ScriptReader *reader);
/* A COPY statement. */
void script_data_copy_statement(ScriptReader *reader, const SqlStatement *statement);
void script_data_copy(ScriptReader *reader, Text bytes, size_t *used, bool *ended);
void script_data_insert(ScriptReader *reader, const SqlInsert *insert);
/* A statement that takes rows away: their table's count is unknown. */
void script_data_removed(ScriptReader *reader, Text statement);
/* "Data for Name: name; ... Schema: schema" */
void script_data_announce(ScriptReader *reader, Text schema, Text name);
/* The table in whose rows the script ends; SIZE_MAX when it is none. */
size_t script_data_open_table(ScriptReader *reader, const SqlEnd *end);
/* The script is over; `cut`: not as it should, so the rows of the last table may not be all. `why` is for people. */
void script_data_finish(ScriptReader *reader, const char *cut, const SqlEnd *end);

#endif
