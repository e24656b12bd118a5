/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/buf.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "pg/identifier.h"
#include "sandbox/rescue_parts.h"
#include "sandbox/service.h"

/*
 * The script that copies rows back. It is meant to be read by a person before it is run: comments say what it will and
 * will not do, and what of the live table will take part in it (triggers).
 */
typedef struct Writing {
    Rescuing *rescuing;
    Arena *arena;
    Buf *sql;
    bool circle; /* the tables refer to each other in a circle */
} Writing;

static void note(Writing *writing, const char *what, const char *why) {
    *LIST_PUSH(writing->arena, writing->rescuing->out->notes) =
        (RescueNote){.what = text_safe(writing->arena, what), .why = text_safe(writing->arena, why)};
}

/* A comment stays one: names may hold line breaks. */
static const char *comment_safe(Arena *arena, const char *text) {
    return text_safe(arena, text);
}

/* ---- order: parents first ---- */

typedef struct Reference {
    const char *child_schema, *child, *parent_schema, *parent;
} Reference;

typedef LIST(Reference) References;

static Err *read_references(Writing *writing, Query *query, References *out) {
    PGresult *rows = NULL;
    TRY(query_run(
        writing->arena, query,
        "SELECT DISTINCT n.nspname, c.relname, pn.nspname, p.relname FROM pg_catalog.pg_constraint k JOIN "
        "pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = "
        "p.relnamespace WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND k.conparentid = 0",
        NULL, &rows));
    for (int row = 0; row < PQntuples(rows); row++)
        *LIST_PUSH(writing->arena, *out) = (Reference){.child_schema = PQgetvalue(rows, row, 0),
                                                       .child = PQgetvalue(rows, row, 1),
                                                       .parent_schema = PQgetvalue(rows, row, 2),
                                                       .parent = PQgetvalue(rows, row, 3)};
    return NULL;
}

static bool is_named(const RescueTable *table, const char *schema, const char *name) {
    return strcmp(table->table->schema, schema) == 0 && strcmp(table->table->name, name) == 0;
}

/* True when one of the tables from `at` on is a parent of this one. */
static bool waits(const Writing *writing, const References *references, size_t at, size_t which) {
    const Rescue *out = writing->rescuing->out;
    LIST_EACH (const Reference, reference, *references) {
        if (!is_named(&out->tables.items[which], reference->child_schema, reference->child))
            continue;
        for (size_t other = at; other < out->tables.count; other++)
            if (other != which && is_named(&out->tables.items[other], reference->parent_schema, reference->parent))
                return true;
    }
    return false;
}

static void move_up(Rescuing *rescuing, size_t from, size_t to) {
    RescueTable table = rescuing->out->tables.items[from];
    RescueColumns columns = rescuing->columns.items[from];
    for (; from > to; from--) {
        rescuing->out->tables.items[from] = rescuing->out->tables.items[from - 1];
        rescuing->columns.items[from] = rescuing->columns.items[from - 1];
    }
    rescuing->out->tables.items[to] = table;
    rescuing->columns.items[to] = columns;
}

static void put_in_order(Writing *writing, const References *references) {
    size_t count = writing->rescuing->out->tables.count;
    for (size_t at = 0; at < count; at++) {
        size_t next = at;
        while (next < count && waits(writing, references, at, next))
            next++;
        writing->circle |= next == count;
        if (next < count)
            move_up(writing->rescuing, next, at);
    }
}

static bool is_chosen(const Writing *writing, const char *schema, const char *name) {
    LIST_EACH (const RescueTable, table, writing->rescuing->out->tables)
        if (is_named(table, schema, name))
            return true;
    return false;
}

/* Parents that were not asked for may have lost their rows too. */
static void note_parents(Writing *writing, const References *references) {
    Arena *arena = writing->arena;
    InventoryNames named = {0};
    const char *list = "";
    LIST_EACH (const Reference, reference, *references) {
        bool known = !is_chosen(writing, reference->child_schema, reference->child) ||
                     is_chosen(writing, reference->parent_schema, reference->parent);
        const char *name = arena_printf(arena, "%s.%s", reference->parent_schema, reference->parent);
        LIST_EACH (const char *const, before, named)
            known = known || strcmp(*before, name) == 0;
        if (known)
            continue;
        *LIST_PUSH(arena, named) = name;
        list = arena_printf(arena, "%s%s%s", list, list[0] == '\0' ? "" : ", ", name);
    }
    if (list[0] != '\0')
        note(writing, list,
             "rows of the chosen tables refer to it: where it lacks rows the script fails, and changes nothing; then "
             "choose it as well");
}

/* ---- tables that are gone ---- */

/* Without the session settings at its head, which may be of another version, and without psql's own commands. */
static void append_definition(Writing *writing, Text text) {
    bool begun = false;
    while (text.length > 0) {
        Text line = text_cut(text, '\n', &text);
        begun = begun || text_starts(line, "CREATE ") || text_starts(line, "SET default_");
        if (begun && !text_starts(line, "\\unrestrict "))
            buf_printf(writing->sql, "%.*s\n", (int)line.length, line.at);
    }
}

/* As they were: pg_dump of the sandbox, which has every definition of the backup. */
static Err *write_missing(Writing *writing) {
    Rescuing *rescuing = writing->rescuing;
    Arena *arena = writing->arena;
    LIST(const char *) arguments = {0};
    const char *environment = NULL, *names = "";
    *LIST_PUSH(arena, arguments) = tools_program(arena, rescuing->request->sandbox->tools, "pg_dump");
    *LIST_PUSH(arena, arguments) = "--schema-only";
    *LIST_PUSH(arena, arguments) = "--dbname=service=lifeboat";
    LIST_EACH (const RescueTable, table, rescuing->out->tables) {
        if (!table->missing)
            continue;
        names = arena_printf(arena, "%s%s%s", names, names[0] == '\0' ? "" : ", ", table->live);
        *LIST_PUSH(arena, arguments) =
            arena_printf(arena, "--table=%s.%s", identifier_always_quote(arena, table->table->schema),
                         identifier_always_quote(arena, table->table->name));
    }
    *LIST_PUSH(arena, arguments) = NULL;
    if (names[0] == '\0')
        return NULL;
    TRY(service_write(arena, rescuing->source->connection, NULL, &environment));
    ProcessResult result = {0};
    const ProcessRequest request = {.arguments = arguments.items,
                                    .environment = (const char *const[]){environment, "LC_ALL=C", NULL},
                                    .keep = (size_t)16 << 20};
    TRY(process_must(arena, &request, &result));
    buf_printf(writing->sql, "-- Not in the database any more, and made anew as the backup has them: %s\n",
               comment_safe(arena, names));
    append_definition(writing, buf_view(result.output));
    buf_string(writing->sql, "\n");
    note(writing, names, "not in the database any more: the script makes it anew, as the backup has it");
    return NULL;
}

/* ---- rows ---- */

typedef struct Column {
    const char *name, *live_type, *side_type;
    bool always; /* GENERATED ALWAYS AS IDENTITY */
} Column;

typedef LIST(Column) Columns;

static const RescueColumn *side_column(const RescueColumns *columns, const char *name) {
    LIST_EACH (const RescueColumn, column, *columns)
        if (strcmp(column->name, name) == 0)
            return column;
    return NULL;
}

/* Columns that both have; the live table's own, which the backup lacks, keep their defaults. */
static Err *common_columns(Writing *writing, const RescueTable *table, const RescueColumns *side, Columns *out) {
    Arena *arena = writing->arena;
    PGresult *rows = NULL;
    Query *query = table->missing ? writing->rescuing->source : writing->rescuing->target;
    TRY(query_run(arena, query,
                  "SELECT attname, pg_catalog.format_type(atttypid, atttypmod), attidentity, attgenerated, attnotnull "
                  "AND NOT atthasdef AND attidentity = '' FROM pg_catalog.pg_attribute WHERE attrelid = "
                  "pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                  (const char *const[]){table->live, NULL}, &rows));
    for (int row = 0; row < PQntuples(rows); row++) {
        const char *name = PQgetvalue(rows, row, 0);
        const RescueColumn *column = side_column(side, name);
        if (column == NULL && PQgetvalue(rows, row, 3)[0] == '\0' && PQgetvalue(rows, row, 4)[0] == 't')
            note(writing, arena_printf(arena, "%s.%s", table->live, name),
                 "it must have a value, and the backup has none: add one to the script");
        if (column != NULL && PQgetvalue(rows, row, 3)[0] == '\0')
            *LIST_PUSH(arena, *out) = (Column){.name = name,
                                               .live_type = PQgetvalue(rows, row, 1),
                                               .side_type = column->side_type,
                                               .always = PQgetvalue(rows, row, 2)[0] == 'a'};
    }
    LIST_EACH (const RescueColumn, column, *side) {
        bool kept = false;
        for (int row = 0; row < PQntuples(rows); row++)
            kept |= strcmp(PQgetvalue(rows, row, 0), column->name) == 0;
        if (!kept)
            note(writing, arena_printf(arena, "%s.%s", table->live, column->name),
                 "the database has no such column any more: it is not copied back");
    }
    return NULL;
}

static const char *quoted(const Writing *writing, const Column *column) {
    return identifier_always_quote(writing->arena, column->name);
}

static void write_names(Writing *writing, const Columns *columns) {
    LIST_EACH (const Column, column, *columns)
        buf_printf(writing->sql, "%s%s", column == columns->items ? "" : ", ", quoted(writing, column));
}

/* Same type, same value; else by way of its text. */
static void write_values(Writing *writing, const Columns *columns, bool from_text) {
    LIST_EACH (const Column, column, *columns) {
        bool same = strcmp(column->live_type, column->side_type) == 0;
        const char *name = quoted(writing, column);
        const char *value = from_text ? arena_printf(writing->arena, "%s::%s", name, column->live_type)
                            : same    ? name
                                      : arena_printf(writing->arena, "%s::text::%s", name, column->live_type);
        buf_printf(writing->sql, "%s%s", column == columns->items ? "" : ", ", value);
    }
}

static void write_texts(Writing *writing, const Columns *columns) {
    LIST_EACH (const Column, column, *columns)
        buf_printf(writing->sql, "%s%s::text AS %s", column == columns->items ? "" : ", ", quoted(writing, column),
                   quoted(writing, column));
}

static Err *write_triggers(Writing *writing, const RescueTable *table) {
    Arena *arena = writing->arena;
    PGresult *rows = NULL;
    TRY(query_run(arena, writing->rescuing->target,
                  "SELECT tgname FROM pg_catalog.pg_trigger WHERE tgrelid = pg_catalog.to_regclass($1) AND NOT "
                  "tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 4 <> 0 ORDER BY tgname",
                  (const char *const[]){table->live, NULL}, &rows));
    for (int row = 0; row < PQntuples(rows); row++)
        buf_printf(writing->sql,
                   "-- Trigger %s fires for each row. If it must not: ALTER TABLE ... DISABLE TRIGGER before, ENABLE "
                   "TRIGGER after.\n",
                   comment_safe(arena, identifier_quote(arena, PQgetvalue(rows, row, 0))));
    if (PQntuples(rows) > 0)
        note(writing, table->live,
             arena_printf(arena, "%s for each row that comes back, such as %s",
                          PQntuples(rows) == 1 ? "a trigger fires" : "triggers fire", PQgetvalue(rows, 0, 0)));
    return NULL;
}

/* A later value stays: a sequence is only ever moved ahead. */
static Err *write_sequences(Writing *writing, const RescueTable *table) {
    Arena *arena = writing->arena;
    PGresult *rows = NULL;
    Query *query = table->missing ? writing->rescuing->source : writing->rescuing->target;
    TRY(query_run(
        arena, query,
        "SELECT DISTINCT n.nspname, s.relname, a.attname FROM pg_catalog.pg_class s JOIN "
        "pg_catalog.pg_namespace n ON n.oid = s.relnamespace JOIN (SELECT objid AS sequence, refobjid AS "
        "relation, refobjsubid AS number FROM pg_catalog.pg_depend WHERE classid = "
        "'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass AND deptype IN "
        "('a', 'i') UNION SELECT d.refobjid, f.adrelid, f.adnum FROM pg_catalog.pg_depend d JOIN "
        "pg_catalog.pg_attrdef f ON f.oid = d.objid WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND "
        "d.refclassid = 'pg_catalog.pg_class'::regclass) used ON used.sequence = s.oid JOIN "
        "pg_catalog.pg_attribute a ON a.attrelid = used.relation AND a.attnum = used.number WHERE s.relkind = "
        "'S' AND used.relation = pg_catalog.to_regclass($1) AND a.atttypid IN ('int2'::regtype, "
        "'int4'::regtype, 'int8'::regtype)",
        (const char *const[]){table->live, NULL}, &rows));
    for (int row = 0; row < PQntuples(rows); row++) {
        const char *sequence = arena_printf(arena, "%s.%s", identifier_quote(arena, PQgetvalue(rows, row, 0)),
                                            identifier_quote(arena, PQgetvalue(rows, row, 1)));
        buf_printf(writing->sql,
                   "SELECT pg_catalog.setval(%s, m.value) FROM (SELECT max(%s) AS value FROM %s) m, %s s WHERE m.value "
                   ">= s.last_value;\n",
                   rescue_tables_literal(writing->rescuing, sequence),
                   identifier_always_quote(arena, PQgetvalue(rows, row, 2)), table->live, sequence);
    }
    return NULL;
}

static Err *write_table(Writing *writing, RescueTable *table, const RescueColumns *side) {
    Columns columns = {0};
    bool always = false;
    TRY(common_columns(writing, table, side, &columns));
    buf_printf(writing->sql, "-- %s: the backup has %llu rows.\n", comment_safe(writing->arena, table->live),
               (unsigned long long)table->copied);
    if (columns.count == 0) {
        buf_string(writing->sql, "-- No column of it is in the database any more.\n\n");
        return NULL;
    }
    LIST_EACH (const Column, column, columns)
        always |= column->always;
    if (!table->missing)
        TRY(write_triggers(writing, table));
    if (table->no_key)
        buf_string(writing->sql, "-- It has no key: a row comes back when the table has not as many of its like.\n");
    buf_printf(writing->sql, "INSERT INTO %s (", table->live);
    write_names(writing, &columns);
    buf_printf(writing->sql, ")%s\nSELECT ", always ? " OVERRIDING SYSTEM VALUE" : "");
    write_values(writing, &columns, table->no_key);
    if (table->no_key) {
        buf_string(writing->sql, "\nFROM (SELECT ");
        write_texts(writing, &columns);
        buf_printf(writing->sql, " FROM %s\n  EXCEPT ALL SELECT ", table->side);
        write_texts(writing, &columns);
        buf_printf(writing->sql, " FROM %s) AS lost;\n", table->live);
    } else {
        buf_printf(writing->sql, "\nFROM %s\nON CONFLICT DO NOTHING;\n", table->side);
    }
    TRY(write_sequences(writing, table));
    buf_string(writing->sql, "\n");
    return NULL;
}

/* ---- all of it ---- */

static Err *look_at_live(Writing *writing) {
    Arena *arena = writing->arena;
    LIST_EACH (RescueTable, table, writing->rescuing->out->tables) {
        PGresult *rows = NULL;
        TRY(query_run(arena, writing->rescuing->target,
                      "SELECT c.oid, EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND "
                      "i.indisunique) FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1)",
                      (const char *const[]){table->live, NULL}, &rows));
        table->missing = PQntuples(rows) == 0;
        table->no_key = !table->missing && PQgetvalue(rows, 0, 1)[0] == 'f';
    }
    return NULL;
}

static void write_head(Writing *writing) {
    const RescueRequest *request = writing->rescuing->request;
    Arena *arena = writing->arena;
    buf_printf(writing->sql,
               "-- Copies back the rows that the database lost. Written by lifeboat %s, %s.\n"
               "-- From the backup %s, taken %s, by way of schema %s.\n"
               "-- A row whose key is there already stays as it is; rows that were deleted on purpose since then come "
               "back too.\n"
               "-- All or nothing: one transaction. Read it, then: psql \"%s\" -f THIS_FILE\n",
               LIFEBOAT_VERSION, time_text(arena, time_real()), text_safe(arena, request->backup->id),
               time_text(arena, request->backup->taken_at), text_safe(arena, request->schema),
               destination_connect_text(arena, request->destination, request->destination->database));
    if (writing->circle)
        buf_string(writing->sql, "-- Some tables refer to each other in a circle: that works only where the foreign "
                                 "keys are DEFERRABLE.\n");
    buf_string(writing->sql, "\nBEGIN;\nSET CONSTRAINTS ALL DEFERRED;\n\n");
}

Err *rescue_sql_write(Rescuing *rescuing) {
    Arena *arena = rescuing->arena;
    Writing writing = {.rescuing = rescuing, .arena = arena, .sql = buf_new(arena, (size_t)64 << 20)};
    References references = {0};
    TRY(look_at_live(&writing));
    TRY(read_references(&writing, rescuing->target, &references));
    TRY(read_references(&writing, rescuing->source, &references));
    put_in_order(&writing, &references);
    note_parents(&writing, &references);
    write_head(&writing);
    TRY(write_missing(&writing));
    for (size_t at = 0; at < rescuing->out->tables.count; at++)
        TRY(write_table(&writing, &rescuing->out->tables.items[at], &rescuing->columns.items[at]));
    buf_printf(writing.sql,
               "COMMIT;\n\n-- When all is well, and nobody needs it any more:\n-- DROP SCHEMA %s CASCADE;\n",
               comment_safe(arena, identifier_quote(arena, rescuing->request->schema)));
    if (writing.sql->full)
        return err_new(arena, ERR_LIMIT, "the script that copies the rows back is too large");
    rescuing->out->sql = writing.sql->at;
    return NULL;
}
