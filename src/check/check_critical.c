/* SPDX-License-Identifier: PostgreSQL */
#include "base/text.h"
#include "check/check_table.h"
#include "check/scope.h"

static const CheckFinding missing = {
    .id = "critical-table-missing",
    .severity = CHECK_FAILURE,
    .title = "A critical table is not in the backup",
    .means = "The application cannot live without this table, and a restore from this backup would not bring it back.",
    .action = "See what the backup holds: lifeboat inspect FILE --tables. Look for --exclude-table, --schema or "
              "--table among the options of the backup job, and whether the table was renamed (then correct "
              "`critical`). Take a new backup with the table in it and verify it."};

static const CheckFinding dataless = {.id = "critical-table-without-data",
                                      .severity = CHECK_FAILURE,
                                      .title = "A critical table is in the backup without its rows",
                                      .means = "The backup creates the table and holds no data section for it: after a "
                                               "restore it would be empty, however many rows the database has.",
                                      .action =
                                          "Look for --schema-only or --exclude-table-data among the options of the "
                                          "backup job. Take a new backup without them: pg_dump -Fc -f FILE DATABASE."};

static const CheckFinding *const findings[] = {&missing, &dataless, NULL};

/* The rows of partitioned tables are in their partitions; views and foreign tables have none in a dump. */
static bool lacks_data(const InventoryTable *table) {
    return table->kind == 'r' && !table->has_data && !(table->count == INVENTORY_EXACT && table->rows > 0);
}

/* True when it is there with its rows. */
static bool look_for(CheckContext *context, CheckResult *result, const char *written) {
    bool ambiguous = false;
    const Backup *backup = context->backup;
    const InventoryTable *table = inventory_resolve_table(backup->inventory, written, &ambiguous);
    const char *name = text_safe(context->arena, written);
    if (ambiguous) {
        check_unknown(context, result, "%s is in several schemas: write it with its schema", name);
    } else if (table == NULL && check_cut_short(context)) {
        check_unknown(context, result, "%s was not seen, but the backup could not be read to its end", name);
    } else if (table != NULL && lacks_data(table) && check_cut_short(context)) {
        check_unknown(context, result, "the backup ends before the rows of %s", name);
    } else if (table == NULL) {
        Finding *finding =
            check_report(context, result, &missing, name, "Critical table %s is missing from the backup", name);
        finding->expected = "in the backup";
        finding->found = "not there";
    } else if (lacks_data(table) && !backup->no_data) {
        name = inventory_table_text(context->arena, table);
        Finding *finding =
            check_report(context, result, &dataless, name, "Critical table %s is in the backup without its rows", name);
        finding->expected = "a data section";
        finding->found = "definition only";
    } else {
        return true;
    }
    return false;
}

static void run(CheckContext *context, CheckResult *result) {
    size_t count = 0;
    const char *const *names = settings_list(context->settings, &scope_critical, &count);
    if (count == 0) {
        check_skip(context, result, "no critical tables were named (--critical)");
        return;
    }
    result->expected = check_count_text(context->arena, count, "critical table");
    if (context->backup == NULL || context->changing || !context->read_attempted) {
        check_blind(context, result);
        return;
    }
    size_t there = 0;
    for (size_t at = 0; at < count; at++)
        there += look_for(context, result, names[at]);
    result->observed = arena_printf(context->arena, "%zu of %zu there", there, count);
    check_pass(result);
}

const Check check_critical = {.id = "critical-tables",
                              .title = "Critical tables are in it",
                              .subject = "Critical tables",
                              .explain =
                                  "Every table that the configuration or --critical names is in the backup, with a "
                                  "data section. A bare name that stands in several schemas, none of them public, is "
                                  "not guessed at: the check is unknown until the schema is written.",
                              .level = 2,
                              .findings = findings,
                              .run = run};
