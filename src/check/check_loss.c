/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_loss.h"

#include "check/check_table.h"
#include "check/scope.h"

/* A few rows of a small table come and go. */
#define FEW_ROWS 10

static const Option max_loss = {
    .name = "max_loss",
    .type = OPTION_PERCENT,
    .argument = "PERCENT",
    .fallback = "30%",
    .summary = "rows a table may lose against the last verified backup",
    .detail = "A table that had rows and has none is always reported; fewer than ten rows are not. table_tolerance of "
              "a table takes precedence when it is larger. A table that the live database shows with the same rows is "
              "a warning instead of a failure: the database lost them, not the backup."};

static const Option *const options[] = {&max_loss, NULL};

static const CheckFinding lost = {
    .id = "rows-lost-since-last-backup",
    .severity = CHECK_FAILURE,
    .title = "A table lost many rows since the last verified backup",
    .means = "Either the backup is missing rows, or the database lost them: a bad migration, a DELETE without WHERE. "
             "If it was an accident, the older backup is what saves the data, and its retention is running.",
    .action = "Put the older backup aside now (lifeboat list, cp). See what differs: lifeboat diff OLD NEW. Ask who "
              "deleted or archived rows. If it is intended, say so once: lifeboat verify --target NAME --accept "
              "rows-lost-since-last-backup:SCHEMA.TABLE.",
    .acceptable = true};

static const CheckFinding vanished = {
    .id = "table-lost-since-last-backup",
    .severity = CHECK_FAILURE,
    .title = "A table of the last verified backup is no longer in the backup",
    .means = "It was dropped from the database, renamed, or is now excluded from the dump. If it was an accident, the "
             "older backup holds its last rows.",
    .action = "Put the older backup aside (lifeboat list, cp). Look whether the table is still in the database: psql "
              "-c '\\dt SCHEMA.*'. If it was dropped on purpose, say so once: lifeboat verify --target NAME --accept "
              "table-lost-since-last-backup:SCHEMA.TABLE.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&lost, &vanished, NULL};

typedef struct Loss {
    const InventoryTable *before, *after;
    double fraction; /* of its rows; 1 when all are gone */
} Loss;

/* Only tables whose rows are in the dump can lose them. */
static bool holds_rows(const InventoryTable *table) {
    return table->kind == 'r' || table->kind == 'p';
}

/* True when the table lost more than allowed. Tables that either side could not count are no loss. */
static bool measure(CheckContext *context, const InventoryTable *before, Loss *out) {
    const InventoryTable *after =
        inventory_find_table(context->backup->inventory, before->database, before->schema, before->name);
    *out = (Loss){.before = before, .after = after, .fraction = 1};
    if (after == NULL)
        return true;
    if (after->count == INVENTORY_UNKNOWN || before->count == INVENTORY_UNKNOWN || after->rows >= before->rows)
        return false;
    double limit = settings_fraction(context->settings, &max_loss);
    double own = scope_tolerance(context, before, limit);
    out->fraction = scope_drift(before->rows, after->rows);
    if (after->rows > 0 && before->rows - after->rows < FEW_ROWS)
        return false;
    return after->rows == 0 || scope_beyond(before->rows, after->rows, own > limit ? own : limit);
}

bool check_loss_rows_hold(CheckContext *context) {
    const Inventory *before = context->history->last_verified;
    if (before == NULL || context->backup == NULL || check_cut_short(context))
        return false;
    Loss loss;
    LIST_EACH (const InventoryTable, table, before->tables) {
        if (holds_rows(table) && !scope_ignored(context, table) && measure(context, table, &loss))
            return false;
    }
    return true;
}

/* Live shows what the backup shows: the loss happened in the database, and the backup is faithful. */
static bool live_agrees(CheckContext *context, const Loss *loss) {
    if (context->live == NULL)
        return false;
    const InventoryTable *live = scope_in_live(context, loss->before);
    if (loss->after == NULL || live == NULL)
        return loss->after == NULL && live == NULL;
    return live->count != INVENTORY_UNKNOWN && !scope_beyond(live->rows, loss->after->rows, 0.1);
}

static void report(CheckContext *context, CheckResult *result, const Loss *loss) {
    Arena *arena = context->arena;
    const char *name = inventory_table_text(arena, loss->before);
    bool agrees = live_agrees(context, loss), critical = scope_is_critical(context, loss->before);
    bool retired =
        loss->after == NULL && loss->before->partition; /* old partitions are dropped as a matter of course */
    CheckSeverity severity = agrees || retired || !critical ? CHECK_WARNING : CHECK_FAILURE;
    CheckFinding graded = check_graded(loss->after == NULL ? &vanished : &lost, severity);
    const char *tail = agrees ? "; the live database shows the same" : "";
    Finding *finding;
    if (loss->after == NULL)
        finding = check_report(context, result, &graded, name,
                               "%s was in the last verified backup and is no longer in this one%s", name, tail);
    else
        finding =
            check_report(context, result, &graded, name, "%s lost %s of its rows since the last verified backup%s",
                         name, check_percent_text(arena, loss->fraction), tail);
    finding->expected = check_count_text(arena, loss->before->rows, "row");
    finding->found = loss->after == NULL ? "no table" : check_count_text(arena, loss->after->rows, "row");
}

static bool nothing_to_compare(CheckContext *context, CheckResult *result) {
    const History *history = context->history;
    if (!history->asked)
        check_skip(context, result, "no history is kept for a backup that belongs to no target");
    else if (history->unavailable != NULL)
        check_unknown(context, result, "earlier runs are not known: %s", history->unavailable);
    else if (history->last_verified == NULL)
        check_skip(context, result, "there is no earlier verified backup yet");
    else if (check_blind(context, result))
        return true;
    else if (history->last_verified->taken_at != TIME_NONE && context->backup->taken_at != TIME_NONE &&
             history->last_verified->taken_at > context->backup->taken_at)
        check_skip(context, result, "the last verified backup is newer than this one");
    else
        return false;
    return true;
}

static void run(CheckContext *context, CheckResult *result) {
    result->expected =
        arena_printf(context->arena, "no table lost more than %s",
                     check_percent_text(context->arena, settings_fraction(context->settings, &max_loss)));
    if (nothing_to_compare(context, result))
        return;
    uint64_t compared = 0, lossy = 0;
    Loss loss;
    LIST_EACH (const InventoryTable, table, context->history->last_verified->tables) {
        if (!holds_rows(table) || scope_ignored(context, table))
            continue;
        compared++;
        if (measure(context, table, &loss)) {
            lossy++;
            report(context, result, &loss);
        }
    }
    result->observed =
        lossy > 0 ? arena_printf(context->arena, "%s lost rows", check_count_text(context->arena, lossy, "table"))
                  : arena_printf(context->arena, "%s hold", check_count_text(context->arena, compared, "table"));
    check_pass(result);
}

const Check check_loss = {
    .id = "sudden-loss",
    .title = "No table lost rows since last time",
    .subject = "Loss of rows since the last verified backup",
    .explain =
        "Row counts of this backup against those of the last backup of the target that was verified with pass or warn. "
        "It finds the deletion that the live comparison cannot see, because live has lost the rows as well.",
    .level = 2,
    .findings = findings,
    .options = options,
    .run = run};
