/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "check/check_partial.h"
#include "check/check_table.h"
#include "check/scope.h"

static const CheckFinding table_missing = {
    .id = "table-missing",
    .severity = CHECK_FAILURE,
    .title = "A table of the live database is not in the backup",
    .means = "A restore would not bring this table back. It was excluded from the dump, the dump's role could not see "
             "it, or it was created after the backup was taken, which cannot be told from outside.",
    .action =
        "If the table is younger than the backup, take a new backup. Otherwise look for --table, --exclude-table or "
        "--exclude-schema among the options of the backup job. If it need not come back: ignore = SCHEMA.TABLE.",
    .acceptable = true};

static const CheckFinding column_missing = {
    .id = "column-missing",
    .severity = CHECK_FAILURE,
    .title = "A table lacks columns in the backup that live has",
    .means = "The rows would come back without these columns. Either the column was added after the backup was taken, "
             "or this is a backup of another version of the schema.",
    .action = "If a release added the column since, take a new backup. Otherwise check which database the backup job "
              "reads: lifeboat inspect FILE.",
    .acceptable = true};

static const CheckFinding lost = {
    .id = "structure-lost",
    .severity = CHECK_WARNING,
    .title = "An object of the live database is not in the backup",
    .means = "An index, constraint, policy, trigger, function, view, sequence or extension that live has would be "
             "missing after a restore: the rows are there, but the database is slower, accepts what it should not, or "
             "shows what it should not. It may also have been created after the backup was taken.",
    .action = "If it is younger than the backup, take a new one. Otherwise look how the dump is made (--section, "
              "--table, --schema leave objects out); lifeboat diff FILE CONNINFO lists all differences.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&table_missing, &column_missing, &lost, NULL};

typedef struct Tally {
    uint64_t tables, columns, objects;
} Tally;

/* Partitions come and go with the calendar; rows that are missing with one are found by the row counts. */
static CheckSeverity table_severity(const InventoryTable *live) {
    return live->partition || live->kind == 'f' ? CHECK_WARNING : CHECK_FAILURE;
}

static void report_table(CheckContext *context, CheckResult *result, const InventoryDifference *difference) {
    const InventoryTable *live = difference->left_table;
    CheckFinding graded = check_graded(&table_missing, table_severity(live));
    const char *rows =
        live->count == INVENTORY_UNKNOWN ? "not counted" : check_count_text(context->arena, live->rows, "row");
    Finding *finding = check_report(context, result, &graded, difference->name,
                                    "Table %s of the live database is not in the backup", difference->name);
    finding->expected = arena_printf(context->arena, "in the backup (live: %s)", rows);
    finding->found = "not there";
}

/* `left` names what live has beyond the backup; it is empty when only the backup has more, or the order differs. */
static bool lacks_columns(const InventoryTable *live, const InventoryTable *backup) {
    for (size_t at = 0; at < live->columns.count; at++) {
        bool held = false;
        for (size_t seek = 0; !held && seek < backup->columns.count; seek++)
            held = strcmp(live->columns.items[at], backup->columns.items[seek]) == 0;
        if (!held)
            return true;
    }
    return false;
}

static void report_columns(CheckContext *context, CheckResult *result, const InventoryDifference *difference) {
    Finding *finding = check_report(context, result, &column_missing, difference->name, "%s lacks in the backup: %s",
                                    difference->name, difference->left);
    finding->expected = difference->left;
    finding->found = "not there";
}

static const char *lower(Arena *arena, const char *kind) {
    char *text = arena_strdup(arena, kind);
    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return text;
}

static void report_object(CheckContext *context, CheckResult *result, const InventoryDifference *difference) {
    const char *kind = lower(context->arena, difference->what);
    const char *where = arena_printf(context->arena, "%s %s", kind, difference->name);
    Finding *finding = check_report(context, result, &lost, where,
                                    "The %s %s of the live database is not in the backup", kind, difference->name);
    finding->expected = "in the backup";
    finding->found = "not there";
}

/* Row-level security that is enabled in live and not after a restore shows rows to everybody. */
static void report_row_security(CheckContext *context, CheckResult *result, const char *table) {
    check_report(context, result, &lost, table,
                 "Row-level security of %s is enabled in the live database and not in the backup", table);
}

/* Constraints and triggers of a table that is missing go with it; those of a view have no table. */
static bool on_missing_table(const CheckContext *context, const InventoryTable *table) {
    return scope_in_backup(context, table) == NULL &&
           inventory_find_table(context->live, "", table->schema, table->name) != NULL;
}

/* Things that go with something that is reported or left out already. */
static bool covered(CheckContext *context, const InventoryDifference *difference) {
    const InventoryObject *object = difference->object;
    if (difference->left_table != NULL && scope_ignored(context, difference->left_table))
        return true;
    if (object != NULL && strcmp(object->kind, "SCHEMA") == 0)
        return scope_schema_ignored(context, object->name);
    if (scope_schema_ignored(context, difference->schema) || check_partial_lacks_schema(context, difference->schema))
        return true;
    if (object == NULL || object->table[0] == '\0')
        return false;
    InventoryTable table = {.schema = object->schema, .name = object->table};
    return scope_ignored(context, &table) || on_missing_table(context, &table);
}

static void visit(CheckContext *context, CheckResult *result, const InventoryDifference *difference, Tally *tally) {
    bool columns =
        difference->kind == INVENTORY_COLUMNS && lacks_columns(difference->left_table, difference->right_table);
    if ((difference->kind != INVENTORY_ONLY_LEFT && !columns) || covered(context, difference))
        return;
    if (columns) {
        tally->columns++;
        report_columns(context, result, difference);
    } else if (strcmp(difference->what, "ROW SECURITY") == 0) {
        tally->objects++;
        report_row_security(context, result, difference->name);
    } else if (difference->left_table != NULL) {
        tally->tables++;
        report_table(context, result, difference);
    } else {
        tally->objects++;
        report_object(context, result, difference);
    }
}

static void run(CheckContext *context, CheckResult *result) {
    result->expected = "all that live has";
    if (scope_no_live(context, result) || check_blind(context, result))
        return;
    if (context->backup->no_schema) {
        check_skip(context, result, "the backup holds no definitions");
        return;
    }
    InventoryDifferences differences;
    inventory_compare(context->arena, context->live, context->backup->inventory, &differences);
    Tally tally = {0};
    LIST_EACH (const InventoryDifference, difference, differences)
        visit(context, result, difference, &tally);
    Arena *arena = context->arena;
    if (tally.tables + tally.columns + tally.objects == 0)
        result->observed = arena_printf(arena, "%s and %s of live are in it",
                                        check_count_text(arena, context->live->tables.count, "table"),
                                        check_count_text(arena, context->live->objects.count, "other object"));
    else
        result->observed = arena_printf(
            arena, "missing: %s, columns of %s, %s", check_count_text(arena, tally.tables, "table"),
            check_count_text(arena, tally.columns, "table"), check_count_text(arena, tally.objects, "other object"));
    check_pass(result);
}

const Check check_structure = {
    .id = "structure",
    .title = "Everything that live has is in it",
    .subject = "Structure against the live database",
    .explain =
        "Tables, columns, indexes, constraints, policies, triggers, views, functions, sequences and extensions of the "
        "live database are in the backup too. A missing table or column is a failure, any other object a warning. What "
        "was created after the backup was taken looks the same as what was left out: the catalogue keeps no dates.",
    .level = 2,
    .findings = findings,
    .run = run};
