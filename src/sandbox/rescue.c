/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/rescue.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "pg/identifier.h"
#include "sandbox/likeness.h"
#include "sandbox/rescue_parts.h"
#include "sandbox/restore.h"

static const char *qualified(Arena *arena, const char *schema, const char *name) {
    return arena_printf(arena, "%s.%s", identifier_quote(arena, schema), identifier_quote(arena, name));
}

static bool is_child_of(const InventoryTable *table, const InventoryTable *parent) {
    return strcmp(table->parent_schema, parent->schema) == 0 && strcmp(table->parent, parent->name) == 0;
}

/* A partitioned table's rows are those of its partitions, and of theirs. */
static void gather(Rescuing *rescuing, const InventoryTable *table, RescueTable *out, InventoryNames *names) {
    Arena *arena = rescuing->arena;
    *LIST_PUSH(arena, *names) = arena_printf(arena, "%s.%s", table->schema, table->name);
    if (table->kind != 'p') {
        *LIST_PUSH(arena, out->parts) = table;
        out->expected += table->count == INVENTORY_UNKNOWN ? 0 : table->rows;
    }
    LIST_EACH (const InventoryTable, child, rescuing->request->backup->inventory->tables) {
        if (table->kind == 'p' && child->partition && is_child_of(child, table))
            gather(rescuing, child, out, names);
    }
}

static bool name_taken(const Rescuing *rescuing, const char *name) {
    LIST_EACH (const char *const, taken, rescuing->types)
        if (strcmp(*taken, name) == 0)
            return true;
    return false;
}

static void add_table(Rescuing *rescuing, const InventoryTable *table, InventoryNames *wanted) {
    Arena *arena = rescuing->arena;
    const char *name =
        name_taken(rescuing, table->name) ? arena_printf(arena, "%s_%s", table->schema, table->name) : table->name;
    *LIST_PUSH(arena, rescuing->types) = name;
    RescueTable *added = LIST_PUSH(arena, rescuing->out->tables);
    *added = (RescueTable){.table = table,
                           .live = qualified(arena, table->schema, table->name),
                           .side = qualified(arena, rescuing->request->schema, name)};
    gather(rescuing, table, added, wanted);
}

/* Definitions of everything first, so that types and foreign keys are there; then the rows that are wanted, with
 * triggers and foreign keys asleep, because what they refer to may not be among them. */
static Err *restore_parts(Rescuing *rescuing, const InventoryNames *wanted) {
    Arena *arena = rescuing->arena;
    const RescueRequest *request = rescuing->request;
    const char *conninfo = sandbox_conninfo(arena, request->sandbox, "postgres", SANDBOX_SUPERUSER);
    RestoreRequest restoring = {.backup = request->backup,
                                .tools = request->sandbox->tools,
                                .conninfo = conninfo,
                                .jobs = request->jobs,
                                .deadline = request->deadline,
                                .trust_dump = request->trust_dump,
                                .part = RESTORE_DEFINITIONS,
                                .progress = request->progress,
                                .context = request->context};
    Restore *definitions = NULL, *rows = NULL;
    TRY(restore_run(arena, &restoring, &definitions));
    if (definitions->databases.count != 1)
        return err_new(arena, ERR_DATA, "%s does not hold one database", text_safe(arena, request->backup->id));
    rescuing->restored = definitions->databases.items[0];
    restoring.conninfo = arena_printf(arena, "%s options='-c session_replication_role=replica'", conninfo);
    restoring.database = rescuing->restored;
    restoring.part = RESTORE_ROWS;
    restoring.only = wanted;
    return restore_run(arena, &restoring, &rows);
}

/* What the sandbox holds now, to compare with the bytes of the backup. */
static Err *take_inventory(Rescuing *rescuing) {
    Arena *arena = rescuing->arena;
    const RescueRequest *request = rescuing->request;
    Inventory *copy = NULL;
    const LikenessRequest likeness = {
        .backup = request->backup,
        .live = {.conninfo = sandbox_conninfo(arena, request->sandbox, rescuing->restored, SANDBOX_SUPERUSER),
                 .jobs = request->jobs,
                 .statement_timeout = request->deadline}};
    TRY(likeness_take(arena, &likeness, &copy));
    rescuing->copy = copy;
    return NULL;
}

static const char settings[] =
    "SET search_path = ''; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 3; SET "
    "bytea_output = 'hex'; SET TimeZone = 'UTC'; SET row_security = off; SET statement_timeout = 0";

static Err *connect_target(Rescuing *rescuing) {
    Arena *arena = rescuing->arena;
    const char *target = NULL;
    PGresult *result = NULL;
    TRY(destination_conninfo(arena, rescuing->request->destination, NULL, &target));
    TRY(query_connect(arena, target, 0, &rescuing->target));
    return query_run(arena, rescuing->target, settings, NULL, &result);
}

static Err *connect_source(Rescuing *rescuing) {
    Arena *arena = rescuing->arena;
    PGresult *result = NULL;
    TRY(query_connect(arena, sandbox_conninfo(arena, rescuing->request->sandbox, rescuing->restored, SANDBOX_SUPERUSER),
                      0, &rescuing->source));
    TRY(query_run(arena, rescuing->source, settings, NULL, &result));
    /* Bytes in the encoding of the dump on both sides: the target's server converts them, or says that it cannot. */
    TRY(query_run(arena, rescuing->source, "SELECT pg_catalog.current_setting('server_encoding')", NULL, &result));
    const char *const encoding[] = {PQgetvalue(result, 0, 0), NULL};
    static const char set[] = "SELECT pg_catalog.set_config('client_encoding', $1, false)";
    TRY(query_run(arena, rescuing->source, set, encoding, &result));
    return query_run(arena, rescuing->target, set, encoding, &result);
}

static Err *refuse_existing_schema(Rescuing *rescuing) {
    Arena *arena = rescuing->arena;
    const char *schema = rescuing->request->schema;
    PGresult *result = NULL;
    TRY(query_run(arena, rescuing->target, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1",
                  (const char *const[]){schema, NULL}, &result));
    if (PQntuples(result) == 0)
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_USAGE, "there is a schema %s already; nothing was touched",
                            text_quote(arena, text_of(schema), 80)),
                    "choose another with --schema; or, when nobody needs it any more: DROP SCHEMA %s CASCADE;",
                    text_safe(arena, identifier_quote(arena, schema)));
}

Err *rescue_run(Arena *arena, const RescueRequest *request, Rescue *out) {
    *out = (Rescue){.sql = ""};
    Rescuing rescuing = {.arena = arena, .request = request, .out = out};
    InventoryNames wanted = {0};
    for (const InventoryTable *const *table = request->tables; *table != NULL; table++)
        add_table(&rescuing, *table, &wanted);
    TRY(connect_target(&rescuing));
    TRY(refuse_existing_schema(&rescuing));
    TRY(restore_parts(&rescuing, &wanted));
    TRY(connect_source(&rescuing));
    TRY(take_inventory(&rescuing));
    TRY(rescue_tables_copy(&rescuing));
    return rescue_sql_write(&rescuing);
}
