/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/buf.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "base/time.h"
#include "pg/identifier.h"
#include "sandbox/rescue_parts.h"

const char *rescue_tables_literal(Rescuing *rescuing, const char *value) {
    char *escaped = PQescapeLiteral(rescuing->target->connection, value, strlen(value));
    const char *copy = escaped == NULL ? "''" : arena_strdup(rescuing->arena, escaped);
    PQfreemem(escaped);
    return copy;
}

static Err *at_target(Rescuing *rescuing, const char *sql) {
    PGresult *result = NULL;
    return query_run(rescuing->arena, rescuing->target, sql, NULL, &result);
}

/* ---- types ---- */

/* Of each column: its type; what that is made of once domains and arrays are taken off; where that is from. */
static const char columns_sql[] =
    "WITH RECURSIVE base AS (SELECT a.attnum, a.attname, a.atttypid AS whole, a.atttypmod AS modifier, t.oid AS type, "
    "false AS list FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = "
    "pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
    "UNION ALL SELECT base.attnum, attname, whole, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE modifier END, CASE "
    "WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END, list OR t.typtype <> 'd' FROM base JOIN "
    "pg_catalog.pg_type t ON t.oid = base.type WHERE t.typtype = 'd' OR EXISTS (SELECT FROM pg_catalog.pg_type e "
    "WHERE e.oid = t.typelem AND e.typarray = t.oid)) "
    "SELECT DISTINCT ON (base.attnum) base.attname, pg_catalog.format_type(base.whole, NULL), t.typtype, n.nspname, "
    "t.typname, pg_catalog.format_type(t.oid, CASE WHEN n.nspname = 'pg_catalog' THEN base.modifier END), base.list, "
    "EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid "
    "AND d.deptype = 'e'), t.oid FROM base JOIN pg_catalog.pg_type t ON t.oid = base.type JOIN pg_catalog.pg_namespace "
    "n ON n.oid = t.typnamespace WHERE t.typtype <> 'd' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = "
    "t.typelem AND e.typarray = t.oid) ORDER BY base.attnum";

static bool taken(const Rescuing *rescuing, const char *name) {
    LIST_EACH (const char *const, known, rescuing->types)
        if (strcmp(*known, name) == 0)
            return true;
    return false;
}

/* The enum in the side schema, made at first need; the same name from another schema becomes text. */
typedef struct Enum {
    const char *schema, *name, *side;
} Enum;

typedef struct Copying {
    Rescuing *rescuing;
    LIST(Enum) enums;
} Copying;

static Err *make_enum(Copying *copying, const char *schema, const char *name, const char *oid, const char **out) {
    Rescuing *rescuing = copying->rescuing;
    Arena *arena = rescuing->arena;
    LIST_EACH (const Enum, known, copying->enums) {
        if (strcmp(known->schema, schema) == 0 && strcmp(known->name, name) == 0) {
            *out = known->side;
            return NULL;
        }
    }
    *out = "text";
    if (taken(rescuing, name))
        return NULL;
    PGresult *labels = NULL;
    TRY(query_run(arena, rescuing->source,
                  "SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = $1::oid ORDER BY enumsortorder",
                  (const char *const[]){oid, NULL}, &labels));
    *out = arena_printf(arena, "%s.%s", identifier_always_quote(arena, rescuing->request->schema),
                        identifier_always_quote(arena, name));
    Buf *sql = buf_new(arena, (size_t)8 << 20);
    buf_printf(sql, "CREATE TYPE %s AS ENUM (", *out);
    for (int row = 0; row < PQntuples(labels); row++)
        buf_printf(sql, "%s%s", row == 0 ? "" : ", ", rescue_tables_literal(rescuing, PQgetvalue(labels, row, 0)));
    buf_string(sql, ")");
    *LIST_PUSH(arena, rescuing->types) = arena_strdup(arena, name);
    *LIST_PUSH(arena, copying->enums) =
        (Enum){.schema = arena_strdup(arena, schema), .name = arena_strdup(arena, name), .side = *out};
    return at_target(rescuing, sql->at);
}

static Err *target_has_type(Rescuing *rescuing, const char *type, bool *out) {
    PGresult *result = NULL;
    TRY(query_run(rescuing->arena, rescuing->target, "SELECT pg_catalog.to_regtype($1) IS NOT NULL",
                  (const char *const[]){type, NULL}, &result));
    *out = PQgetvalue(result, 0, 0)[0] == 't';
    return NULL;
}

static Err *side_type(Copying *copying, const PGresult *result, int row, const char **out) {
    Rescuing *rescuing = copying->rescuing;
    const char *plain = PQgetvalue(result, row, 5), *schema = PQgetvalue(result, row, 3);
    bool known = strcmp(schema, "pg_catalog") == 0;
    if (!known && PQgetvalue(result, row, 2)[0] == 'e')
        TRY(make_enum(copying, schema, PQgetvalue(result, row, 4), PQgetvalue(result, row, 8), &plain));
    else if (!known || PQgetvalue(result, row, 2)[0] == 'c') {
        bool there = false;
        if (PQgetvalue(result, row, 7)[0] == 't' || !known)
            TRY(target_has_type(rescuing, plain, &there));
        /* a composite type may look otherwise by now; an extension's does not */
        plain = there && PQgetvalue(result, row, 2)[0] == 'b' ? plain : "text";
    }
    bool list = PQgetvalue(result, row, 6)[0] == 't';
    *out = arena_printf(rescuing->arena, "%s%s", plain, list ? "[]" : "");
    return NULL;
}

static Err *read_columns(Copying *copying, const RescueTable *table, RescueColumns *out) {
    Rescuing *rescuing = copying->rescuing;
    Arena *arena = rescuing->arena;
    PGresult *result = NULL;
    *out = (RescueColumns){0};
    TRY(query_run(arena, rescuing->source, columns_sql, (const char *const[]){table->live, NULL}, &result));
    for (int row = 0; row < PQntuples(result); row++) {
        RescueColumn column = {.name = arena_strdup(arena, PQgetvalue(result, row, 0)),
                               .sandbox_type = arena_strdup(arena, PQgetvalue(result, row, 1))};
        TRY(side_type(copying, result, row, &column.side_type));
        *LIST_PUSH(arena, *out) = column;
    }
    if (out->count == 0)
        return err_new(arena, ERR_DATA, "the definition of %s could not be restored from the backup",
                       text_safe(arena, table->live));
    return NULL;
}

/* ---- rows ---- */

static const char *column_list(Arena *arena, const RescueColumns *columns, bool with_types) {
    Buf *list = buf_new(arena, (size_t)8 << 20);
    LIST_EACH (const RescueColumn, column, *columns)
        buf_printf(list, "%s%s%s%s", list->length == 0 ? "" : ", ", identifier_always_quote(arena, column->name),
                   with_types ? " " : "", with_types ? column->side_type : "");
    return list->at;
}

static Err *lost(Rescuing *rescuing, const Query *query) {
    return err_new(rescuing->arena, ERR_CONNECT, "a server closed the connection: %s",
                   text_quote(rescuing->arena, text_trim(text_of(PQerrorMessage(query->connection))), 300));
}

/* The end of a COPY on one side; the first error it told. */
static Err *copy_ended(Rescuing *rescuing, Query *query, const char *what) {
    Err *err = NULL;
    for (PGresult *result = PQgetResult(query->connection); result != NULL; result = PQgetResult(query->connection)) {
        if (PQresultStatus(result) == PGRES_FATAL_ERROR && err == NULL)
            err = err_new(rescuing->arena, ERR_SERVER, "%s: %s", what,
                          text_quote(rescuing->arena, text_of(query_message(result)), 300));
        PQclear(result);
    }
    return err;
}

static Err *pump(Rescuing *rescuing, RescueTable *table, HashSum *sum) {
    PGconn *from = rescuing->source->connection, *to = rescuing->target->connection;
    char *row = NULL;
    for (int length = PQgetCopyData(from, &row, 0); length != -1; length = PQgetCopyData(from, &row, 0)) {
        if (length < 0)
            return lost(rescuing, rescuing->source);
        hash_sum_add(sum, hash_row(row, (size_t)length - 1)); /* without its newline */
        int sent = PQputCopyData(to, row, length);
        PQfreemem(row);
        if (sent != 1)
            return lost(rescuing, rescuing->target);
        if ((++table->copied & 1023) == 0) {
            TRY(interrupt_check(rescuing->arena));
            if (rescuing->request->progress != NULL)
                rescuing->request->progress(rescuing->request->context, "copying rows", table->copied, table->expected);
        }
    }
    return NULL;
}

static Err *copy_rows(Rescuing *rescuing, RescueTable *table, const RescueColumns *columns, HashSum *sum) {
    Arena *arena = rescuing->arena;
    const char *names = column_list(arena, columns, false);
    PGresult *result = NULL;
    PGresult *begun =
        PQexec(rescuing->source->connection, arena_printf(arena, "COPY (SELECT %s FROM %s%s) TO STDOUT", names,
                                                          table->table->kind == 'p' ? "" : "ONLY ", table->live));
    bool copying = PQresultStatus(begun) == PGRES_COPY_OUT;
    const char *said = copying ? "" : text_quote(arena, text_of(query_message(begun)), 300);
    PQclear(begun);
    if (!copying)
        return err_new(arena, ERR_SERVER, "the rows of %s cannot be read: %s", text_safe(arena, table->live), said);
    TRY(query_run(arena, rescuing->target, arena_printf(arena, "COPY %s (%s) FROM STDIN", table->side, names), NULL,
                  &result));
    Err *err = pump(rescuing, table, sum);
    PQputCopyEnd(rescuing->target->connection, err == NULL ? NULL : "not all rows came");
    const char *what = arena_printf(arena, "the rows of %s cannot be written", text_safe(arena, table->live));
    Err *ended = copy_ended(rescuing, rescuing->target, what);
    if (err != NULL)
        return err; /* the connection to the source is given up with it */
    TRY(ended);
    return copy_ended(rescuing, rescuing->source, what);
}

/* ---- content ---- */

static Err *digest_of(Rescuing *rescuing, const RescueTable *table, const RescueColumns *columns, HashSum *out) {
    char *row = NULL;
    PGconn *connection = rescuing->target->connection;
    PGresult *begun = PQexec(connection, arena_printf(rescuing->arena, "COPY %s (%s) TO STDOUT", table->side,
                                                      column_list(rescuing->arena, columns, false)));
    bool copying = PQresultStatus(begun) == PGRES_COPY_OUT;
    PQclear(begun);
    *out = (HashSum){0};
    int length = -1;
    while (copying && (length = PQgetCopyData(connection, &row, 0)) > 0) {
        hash_sum_add(out, hash_row(row, (size_t)length - 1));
        PQfreemem(row);
    }
    return copy_ended(rescuing, rescuing->target, "the rows cannot be read back");
}

/* What came out of the sandbox is what was written, and the sandbox held what the backup's bytes say. */
static Err *compare_content(Rescuing *rescuing, RescueTable *table, const RescueColumns *columns, HashSum sent) {
    HashSum written;
    TRY(digest_of(rescuing, table, columns, &written));
    table->same = hash_sum_equal(sent, written);
    table->compared = true;
    LIST_EACH (const InventoryTable *const, part, table->parts) {
        const InventoryTable *copy = inventory_find_table(rescuing->copy, "", (*part)->schema, (*part)->name);
        table->compared = table->compared && copy != NULL && copy->digested && (*part)->digested;
        table->same = table->same && copy != NULL && hash_sum_equal(copy->digest, (*part)->digest);
    }
    return NULL;
}

/* ---- sequences ---- */

static Err *copy_sequences(Rescuing *rescuing, const RescueTable *table) {
    Arena *arena = rescuing->arena;
    PGresult *list = NULL, *value = NULL;
    TRY(query_run(arena, rescuing->source,
                  "SELECT c.oid::pg_catalog.regclass, c.relname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c "
                  "ON c.oid = d.objid AND c.relkind = 'S' WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND "
                  "d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjid = pg_catalog.to_regclass($1) AND "
                  "d.deptype IN ('a', 'i')",
                  (const char *const[]){table->live, NULL}, &list));
    for (int row = 0; row < PQntuples(list); row++) {
        const char *name = PQgetvalue(list, row, 1);
        if (taken(rescuing, name))
            continue;
        *LIST_PUSH(arena, rescuing->types) = arena_strdup(arena, name);
        TRY(query_run(arena, rescuing->source,
                      arena_printf(arena, "SELECT last_value, is_called FROM %s", PQgetvalue(list, row, 0)), NULL,
                      &value));
        const char *side = arena_printf(arena, "%s.%s", identifier_always_quote(arena, rescuing->request->schema),
                                        identifier_always_quote(arena, name));
        TRY(at_target(rescuing, arena_printf(arena, "CREATE SEQUENCE %s MINVALUE -9223372036854775808", side)));
        TRY(at_target(rescuing, arena_printf(arena, "SELECT pg_catalog.setval(%s, %s, '%s')",
                                             rescue_tables_literal(rescuing, side), PQgetvalue(value, 0, 0),
                                             PQgetvalue(value, 0, 1))));
    }
    return NULL;
}

/* ---- all of it ---- */

static Err *copy_all(Rescuing *rescuing) {
    Arena *arena = rescuing->arena;
    const RescueRequest *request = rescuing->request;
    Copying copying = {.rescuing = rescuing};
    const char *schema = identifier_always_quote(arena, request->schema);
    TRY(at_target(rescuing, arena_printf(arena, "CREATE SCHEMA %s", schema)));
    TRY(at_target(rescuing,
                  arena_printf(arena, "COMMENT ON SCHEMA %s IS %s", schema,
                               rescue_tables_literal(rescuing, arena_printf(arena, "lifeboat: rows of %s, restored %s",
                                                                            text_safe(arena, request->backup->id),
                                                                            time_text(arena, time_real()))))));
    LIST_EACH (RescueTable, table, rescuing->out->tables) {
        RescueColumns *columns = LIST_PUSH(arena, rescuing->columns);
        TRY(read_columns(&copying, table, columns));
        TRY(at_target(rescuing,
                      arena_printf(arena, "CREATE TABLE %s (%s)", table->side, column_list(arena, columns, true))));
        HashSum sent = {0};
        TRY(copy_rows(rescuing, table, columns, &sent));
        TRY(compare_content(rescuing, table, columns, sent));
        TRY(copy_sequences(rescuing, table));
    }
    return NULL;
}

Err *rescue_tables_copy(Rescuing *rescuing) {
    TRY(at_target(rescuing, "BEGIN"));
    TRY(copy_all(rescuing)); /* an error closes the connection with the arena, which undoes it all */
    return at_target(rescuing, "COMMIT");
}
