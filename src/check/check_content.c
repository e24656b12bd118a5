/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "check/check_content.h"
#include "check/check_table.h"
#include "check/scope.h"

const Option check_content_digests = {
    .name = "digests",
    .type = OPTION_FLAG,
    .summary = "compare the content of every table with the live database",
    .detail = "Reads every row of the live database and compares an order-independent digest of each table with the "
              "one of the backup. It finds changed bytes that no checksum covers; tables that are being written to "
              "differ as a matter of course, so a difference is a warning. Tables that never change: frozen."};

static const Option frozen = {.name = "frozen",
                              .type = OPTION_LIST,
                              .argument = "PATTERNS",
                              .summary = "tables whose content must equal the live database's",
                              .detail = "Shell patterns on schema.table for tables that are written once: with "
                                        "digests, a difference in one of them is a failure."};

static const Option *const options[] = {&check_content_digests, &frozen, NULL};

static const CheckFinding differs = {
    .id = "content-differs",
    .severity = CHECK_WARNING,
    .title = "A table has as many rows as live and different content",
    .means = "Rows were updated in the live database since the backup was taken, or bytes in the backup changed. Which "
             "of the two cannot be told from outside.",
    .action = "For a table that is updated all the time this is expected: accept = content-differs:SCHEMA.TABLE. For "
              "one that is not, take a second backup and compare: lifeboat diff OLD NEW.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&differs, NULL};

typedef struct Tally {
    uint64_t equal, different, unknown;
    const char *unknown_why;
} Tally;

static bool is_frozen(const CheckContext *context, const InventoryTable *table) {
    size_t count = 0;
    const char *const *patterns = settings_list(context->settings, &frozen, &count);
    const char *name = arena_printf(context->arena, "%s.%s", table->schema, table->name);
    for (size_t at = 0; at < count; at++)
        if (scope_matches(patterns[at], name))
            return true;
    return false;
}

static void report(CheckContext *context, CheckResult *result, const InventoryTable *live,
                   const InventoryTable *backup) {
    const char *name = inventory_table_text(context->arena, live);
    CheckFinding graded = check_graded(&differs, is_frozen(context, live) ? CHECK_FAILURE : CHECK_WARNING);
    Finding *finding = check_report(context, result, &graded, name, "%s has %s on both sides and different content",
                                    name, check_count_text(context->arena, live->rows, "row"));
    finding->expected = hash_sum_text(context->arena, live->digest);
    finding->found = hash_sum_text(context->arena, backup->digest);
}

static bool same_columns(const InventoryTable *live, const InventoryTable *backup) {
    bool same = live->copy_columns.count == backup->copy_columns.count;
    for (size_t at = 0; same && at < live->copy_columns.count; at++)
        same = strcmp(live->copy_columns.items[at], backup->copy_columns.items[at]) == 0;
    return same;
}

/* Why the content of a table that both sides hold cannot be compared, or NULL. */
static const char *obstacle(const InventoryTable *live, const InventoryTable *backup) {
    if (!backup->digested)
        return backup->undigested_why != NULL ? backup->undigested_why : "the backup gives no digest of it";
    if (!live->digested)
        return live->undigested_why != NULL ? live->undigested_why : "the live database gave no digest of it";
    return same_columns(live, backup) ? NULL : "its columns are not the same on both sides";
}

/* A table whose counts differ already has its finding in row-counts. */
static void visit(CheckContext *context, CheckResult *result, const InventoryTable *live, Tally *tally) {
    const InventoryTable *backup = scope_in_backup(context, live);
    if (backup == NULL || live->kind != 'r' || live->extension_owned || !backup->has_data ||
        scope_ignored(context, live))
        return;
    const char *why = obstacle(live, backup);
    if (why != NULL) {
        if (tally->unknown++ == 0)
            tally->unknown_why = arena_printf(context->arena, "%s: %s", inventory_table_text(context->arena, live),
                                              text_safe(context->arena, why));
    } else if (hash_sum_equal(live->digest, backup->digest)) {
        tally->equal++;
    } else {
        tally->different++;
        if (live->rows == backup->rows)
            report(context, result, live, backup);
    }
}

static void run(CheckContext *context, CheckResult *result) {
    result->expected = "equal digests";
    if (!settings_flag(context->settings, &check_content_digests)) {
        check_skip(context, result, "comparing content was not asked for (--digests)");
        return;
    }
    if (!context->live_asked) {
        check_unknown(context, result, "--digests needs a live database to compare with (--against)");
        return;
    }
    if (scope_no_live(context, result) || check_blind(context, result))
        return;
    Tally tally = {0};
    LIST_EACH (const InventoryTable, live, context->live->tables)
        visit(context, result, live, &tally);
    Arena *arena = context->arena;
    result->observed = arena_printf(arena, "%s equal, %s different", check_count_text(arena, tally.equal, "table"),
                                    check_number_text(arena, tally.different));
    if (tally.unknown > 0)
        check_unknown(context, result, "%s could not be compared; %s", check_count_text(arena, tally.unknown, "table"),
                      tally.unknown_why);
    else if (tally.equal + tally.different == 0)
        check_unknown(context, result, "there is no table to compare");
    check_pass(result);
}

const Check check_content = {
    .id = "content",
    .title = "Content equals the live database",
    .subject = "Content against the live database",
    .explain = "When asked for with --digests: the order-independent digest of every table in the backup equals that "
               "of the live table. Equal digests prove that every row is in the backup, byte for byte.",
    .level = 2,
    .findings = findings,
    .options = options,
    .run = run};
