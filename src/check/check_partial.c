/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "check/check_partial.h"
#include "check/check_table.h"
#include "check/scope.h"

static const CheckFinding no_tables = {
    .id = "no-tables",
    .severity = CHECK_FAILURE,
    .title = "The backup holds no table at all",
    .means = "There is nothing in it that the application could live from: it is a dump of roles only, of an empty "
             "database, or of the wrong one.",
    .action =
        "See what it holds: lifeboat inspect FILE. Check the database name in the backup job. A pg_dumpall "
        "--globals-only file belongs beside a dump and does not replace it. Take one: pg_dump -Fc -f FILE DATABASE.",
    .acceptable = true};

static const CheckFinding schema_only = {
    .id = "schema-only",
    .severity = CHECK_FAILURE,
    .title = "The backup holds definitions and no rows",
    .means = "It was made with --schema-only (supabase db dump does so by default): a restore gives empty tables.",
    .action = "Take a backup with the rows in it: pg_dump -Fc -f FILE DATABASE (with the Supabase CLI: a second dump "
              "with --data-only). If definitions are all this file is for, say so: accept = schema-only.",
    .acceptable = true};

static const CheckFinding data_only = {.id = "data-only",
                                       .severity = CHECK_FAILURE,
                                       .title = "The backup holds rows and no definitions",
                                       .means = "It was made with --data-only: without the tables, constraints, "
                                                "functions and policies from elsewhere it cannot be restored.",
                                       .action =
                                           "Take a whole backup: pg_dump -Fc -f FILE DATABASE. If a schema dump of the "
                                           "same moment is kept beside it, verify both and say so: accept = data-only.",
                                       .acceptable = true};

static const CheckFinding data_excluded = {
    .id = "data-excluded",
    .severity = CHECK_WARNING,
    .title = "A table is in the backup without its rows",
    .means =
        "The backup creates this table and holds no data for it (--exclude-table-data): after a restore it is empty.",
    .action = "If that is intended, say so: accept = data-excluded:SCHEMA.TABLE. Otherwise take --exclude-table-data "
              "out of the backup job and take a new backup.",
    .acceptable = true};

static const CheckFinding schema_missing = {
    .id = "schema-missing",
    .severity = CHECK_FAILURE,
    .title = "A whole schema of the live database is not in the backup",
    .means = "The dump was made with --schema or --exclude-schema: none of the tables of this schema would come back. "
             "On Supabase, auth and storage hold the users and the list of files.",
    .action = "Take a backup of all schemas: pg_dump -Fc -f FILE DATABASE. If the schema is made by the platform and "
              "can be lost, say so: ignore = SCHEMA.*.",
    .acceptable = true};

static const CheckFinding large_objects_missing = {
    .id = "large-objects-missing",
    .severity = CHECK_FAILURE,
    .title = "The live database has large objects and the backup has none",
    .means = "Dumps of single schemas or tables leave large objects out unless --large-objects (-b) is given: files "
             "kept in the database would be lost.",
    .action = "Add --large-objects (--blobs before PostgreSQL 16) to the backup job, or dump the whole database: "
              "pg_dump -Fc -f FILE DATABASE.",
    .acceptable = true};

static const CheckFinding row_security = {
    .id = "row-security-dump",
    .severity = CHECK_FAILURE,
    .title = "The backup was taken with row security on",
    .means = "With --enable-row-security a dump holds only the rows that its role may see, without any error: rows may "
             "be missing from every table that has policies.",
    .action = "Take it again as a role that sees everything, without --enable-row-security: a superuser or one with "
              "BYPASSRLS (postgres on Supabase). Compare the counts: lifeboat verify FILE --against CONNINFO.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&no_tables,      &schema_only,           &data_only,    &data_excluded,
                                               &schema_missing, &large_objects_missing, &row_security, NULL};

static void look_inside(CheckContext *context, CheckResult *result) {
    const Backup *backup = context->backup;
    if (backup->inventory->tables.count == 0)
        check_report(context, result, &no_tables, "",
                     backup->globals_only ? "The backup holds roles and tablespaces, and no database"
                                          : "The backup holds no table at all");
    else if (backup->no_data)
        check_report(context, result, &schema_only, "", "The backup holds definitions and no rows");
    if (backup->no_schema)
        check_report(context, result, &data_only, "", "The backup holds rows and no definitions");
    if (backup->row_security_on)
        check_report(context, result, &row_security, "",
                     "The backup was taken with row security on: rows its role could not see are missing");
    LIST_EACH (const InventoryTable, table, backup->inventory->tables) {
        bool holds_rows = table->has_data || (table->count != INVENTORY_UNKNOWN && table->rows > 0);
        if (table->kind != 'r' || holds_rows || backup->no_data || table->unlogged || scope_ignored(context, table))
            continue;
        const char *name = inventory_table_text(context->arena, table);
        check_report(context, result, &data_excluded, name, "%s is in the backup without its rows", name);
    }
}

/* ---- against live ---- */

typedef struct SchemaTally {
    const char *name;
    uint64_t tables;
    uint64_t rows;
    bool uncounted;
} SchemaTally;

static bool schema_in_backup(CheckContext *context, const char *schema) {
    const Inventory *inventory = context->backup->inventory;
    LIST_EACH (const InventoryTable, table, inventory->tables) {
        if (strcmp(table->schema, schema) == 0 && scope_compared(context, table))
            return true;
    }
    const char *database = inventory->databases.count > 1 ? context->live->database : "";
    InventoryObject object = {
        .database = database, .kind = "SCHEMA", .schema = "", .table = "", .name = schema, .owner = ""};
    return inventory_has_object(inventory, &object);
}

bool check_partial_lacks_schema(CheckContext *context, const char *schema) {
    return schema[0] != '\0' && strcmp(schema, "public") != 0 && !schema_in_backup(context, schema);
}

static void report_schema(CheckContext *context, CheckResult *result, const SchemaTally *tally) {
    Arena *arena = context->arena;
    CheckFinding graded =
        check_graded(&schema_missing, tally->rows > 0 || tally->uncounted ? CHECK_FAILURE : CHECK_WARNING);
    const char *name = text_safe(arena, tally->name);
    Finding *finding =
        check_report(context, result, &graded, name, "Schema %s of the live database is not in the backup (%s, %s%s)",
                     name, check_count_text(arena, tally->tables, "table"), tally->uncounted ? "at least " : "",
                     check_count_text(arena, tally->rows, "row"));
    finding->expected = "in the backup";
    finding->found = "not there";
}

/* Live tables are sorted by schema (one database), so each schema is one run of the list. */
static void look_for_schemas(CheckContext *context, CheckResult *result) {
    const Inventory *live = context->live;
    for (size_t at = 0; at < live->tables.count;) {
        SchemaTally tally = {.name = live->tables.items[at].schema};
        for (; at < live->tables.count && strcmp(live->tables.items[at].schema, tally.name) == 0; at++) {
            const InventoryTable *table = &live->tables.items[at];
            if (table->extension_owned || scope_ignored(context, table))
                continue;
            tally.tables++;
            tally.rows += table->count == INVENTORY_UNKNOWN ? 0 : table->rows;
            tally.uncounted |= table->count == INVENTORY_UNKNOWN;
        }
        if (tally.tables > 0 && check_partial_lacks_schema(context, tally.name))
            report_schema(context, result, &tally);
    }
}

static void look_at_live(CheckContext *context, CheckResult *result) {
    const Inventory *live = context->live, *backup = context->backup->inventory;
    if (!context->backup->no_schema)
        look_for_schemas(context, result);
    bool lacks = context->backup->excludes_large_objects || (backup->large_objects_known && backup->large_objects == 0);
    if (live->large_objects_known && live->large_objects > 0 && lacks && !context->backup->no_data) {
        Finding *finding = check_report(context, result, &large_objects_missing, "large objects",
                                        "The live database has %s and the backup none",
                                        check_count_text(context->arena, live->large_objects, "large object"));
        finding->expected = check_number_text(context->arena, live->large_objects);
        finding->found = "0";
    }
}

static const char *describe(Arena *arena, const Inventory *inventory) {
    uint64_t uncounted = 0;
    LIST_EACH (const InventoryTable, table, inventory->tables)
        uncounted += table->kind == 'r' && table->has_data && table->count == INVENTORY_UNKNOWN;
    const char *tables = check_count_text(arena, inventory->tables.count, "table");
    if (uncounted > 0)
        return arena_printf(arena, "%s, %s of them not counted", tables, check_number_text(arena, uncounted));
    return arena_printf(arena, "%s, %s", tables, check_count_text(arena, inventory_total_rows(inventory), "row"));
}

static void run(CheckContext *context, CheckResult *result) {
    result->expected = "the whole database";
    if (check_blind(context, result))
        return;
    look_inside(context, result);
    if (context->live != NULL)
        look_at_live(context, result);
    result->observed = describe(context->arena, context->backup->inventory);
    check_pass(result);
}

const Check check_partial = {.id = "partial",
                             .title = "It is a dump of the whole database",
                             .subject = "Whether the whole database is in it",
                             .explain =
                                 "Not only definitions, not only rows, no schema left out that the live database has, "
                                 "large objects where live has them, and not taken under row-level security.",
                             .level = 2,
                             .findings = findings,
                             .run = run};
