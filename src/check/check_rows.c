/* SPDX-License-Identifier: PostgreSQL */
#include <math.h>

#include "check/check_table.h"
#include "check/scope.h"

static const Option tolerance = {.name = "tolerance",
                                 .type = OPTION_PERCENT,
                                 .argument = "PERCENT",
                                 .fallback = "10%",
                                 .summary = "allowed difference of a table's rows against the live database",
                                 .detail = "In both directions, relative to the live count: the live database goes on "
                                           "while the backup stands still. Single tables: table_tolerance. A table "
                                           "that is empty in the backup and not in live fails whatever the tolerance."};

static const Option warn_tolerance = {.name = "warn_tolerance",
                                      .type = OPTION_PERCENT,
                                      .argument = "PERCENT",
                                      .summary = "difference from which a table's rows are a warning",
                                      .detail = "Below tolerance; without it there is no warning before the failure."};

static const Option *const options[] = {&tolerance, &warn_tolerance, NULL};

static const CheckFinding drift = {
    .id = "row-count-drift",
    .severity = CHECK_FAILURE,
    .title = "Row counts differ from the live database beyond the tolerance",
    .means = "The backup holds many more or many fewer rows than the database does now. Either the table changed a lot "
             "since the backup was taken, or rows did not get into it.",
    .action = "Compare with the age of the backup and the traffic of the table: lifeboat inspect FILE --tables, psql "
              "-c 'SELECT count(*) FROM TABLE'. Take a fresh backup and verify that at once: if it agrees, the table "
              "is just busy and may have a tolerance of its own (table_tolerance = TABLE=50%).",
    .acceptable = true};

static const CheckFinding emptied = {.id = "table-emptied",
                                     .severity = CHECK_FAILURE,
                                     .title = "A table is empty in the backup and has rows in the live database",
                                     .means = "A restore would bring this table back without a single row. Row-level "
                                              "security, an excluded table or a failed dump are the usual reasons.",
                                     .action =
                                         "See how the dump is made: the role must own the tables or have BYPASSRLS, "
                                         "and there must be no --exclude-table-data. Take a new backup as such a role: "
                                         "pg_dump -Fc -f FILE DATABASE, and verify it against the live database.",
                                     .acceptable = true};

static const CheckFinding live_emptied = {
    .id = "live-table-emptied",
    .severity = CHECK_FAILURE,
    .title = "A table has rows in the backup and none in the live database",
    .means = "The live database lost every row of a table since the backup was taken. If nobody did that on purpose, "
             "this backup is what saves them.",
    .action = "Put this backup aside before its retention ends. Ask who emptied the table; restore it from the backup "
              "into a side schema and copy the rows back. If it is emptied as a matter of course (a queue), leave it "
              "out: ignore = SCHEMA.TABLE.",
    .acceptable = true};

static const CheckFinding gone = {
    .id = "table-gone-from-live",
    .severity = CHECK_NOTICE,
    .title = "A table of the backup is not in the live database",
    .means = "It was dropped or renamed since the backup was taken. A restore would bring it back.",
    .action = "If it was dropped by accident, put this backup aside and restore that table from it: pg_restore -t "
              "TABLE. If a release dropped it, there is nothing to do."};

static const CheckFinding uncounted = {
    .id = "rows-not-counted",
    .severity = CHECK_NOTICE,
    .title = "A table could not be counted",
    .means = "Its rows could not be counted on one side, so nothing is known about them; the check is unknown, never a "
             "pass.",
    .action =
        "Give the role of --against the right to read the table and BYPASSRLS (ALTER ROLE NAME BYPASSRLS; GRANT SELECT "
        "ON TABLE TO NAME), or leave the table out: ignore = SCHEMA.TABLE. lifeboat doctor tests the rights."};

static const CheckFinding *const findings[] = {&drift, &emptied, &live_emptied, &gone, &uncounted, NULL};

typedef struct Tally {
    uint64_t compared, unknown, estimated;
    double worst; /* largest drift of a compared table */
    const char *worst_name;
    const char *unknown_why; /* of the first */
} Tally;

/* A partitioned table is compared as one, all partitions together: which of them holds a row is a matter of storage,
 * and a dump made with --load-via-partition-root does not even say. */
typedef struct Group {
    const InventoryTable *root; /* of live */
    InventoryTable live, backup;
    bool in_backup; /* at least a part of it */
} Group;

typedef LIST(Group) Groups;

typedef struct Pair {
    const char *name;
    const InventoryTable *live, *backup;
} Pair;

static const char *rows_text(Arena *arena, const InventoryTable *table) {
    return arena_printf(arena, "%s%s", table->count == INVENTORY_ESTIMATE ? "about " : "",
                        check_count_text(arena, table->rows, "row"));
}

static void could_not_count(CheckContext *context, CheckResult *result, const Pair *pair, Tally *tally) {
    bool live = pair->live->count == INVENTORY_UNKNOWN;
    const InventoryTable *side = live ? pair->live : pair->backup;
    const char *why = text_safe(context->arena, side->unknown_why == NULL ? "no reason given" : side->unknown_why);
    if (tally->unknown++ == 0)
        tally->unknown_why = arena_printf(context->arena, "%s: %s", pair->name, why);
    check_report(context, result, &uncounted, pair->name, "%s could not be counted in the %s: %s", pair->name,
                 live ? "live database" : "backup", why);
}

static CheckSeverity severity_of(CheckContext *context, const Pair *pair) {
    return scope_is_critical(context, pair->live) ? CHECK_FAILURE : CHECK_WARNING;
}

/* An estimate is no proof of a difference: it warns at most. */
static void judge(CheckContext *context, CheckResult *result, const Pair *pair) {
    Arena *arena = context->arena;
    const InventoryTable *live = pair->live, *backup = pair->backup;
    const char *name = pair->name;
    double limit = scope_tolerance(context, live, settings_fraction(context->settings, &tolerance));
    bool warns = settings_given(context->settings, &warn_tolerance);
    double early = warns ? settings_fraction(context->settings, &warn_tolerance) : limit;
    Finding *finding = NULL;
    if (backup->rows == 0 && live->rows > 0) {
        finding =
            check_report(context, result, &emptied, name, "%s is empty in the backup and has %s in the live database",
                         name, rows_text(arena, live));
    } else if (live->rows == 0 && backup->rows > 0 && live->count == INVENTORY_EXACT) {
        CheckFinding graded = check_graded(&live_emptied, severity_of(context, pair));
        finding = check_report(context, result, &graded, name, "%s has %s in the backup and none in the live database",
                               name, rows_text(arena, backup));
    } else if (scope_beyond(live->rows, backup->rows, limit < early ? limit : early)) {
        bool beyond = scope_beyond(live->rows, backup->rows, limit) && live->count == INVENTORY_EXACT;
        CheckFinding graded = check_graded(&drift, beyond ? severity_of(context, pair) : CHECK_WARNING);
        finding =
            check_report(context, result, &graded, name, "%s has %s in the backup and %s in the live database: %s %s",
                         name, rows_text(arena, backup), rows_text(arena, live),
                         check_percent_text(arena, scope_drift(live->rows, backup->rows)),
                         backup->rows < live->rows ? "fewer" : "more");
    }
    if (finding != NULL) {
        finding->expected =
            arena_printf(arena, "%s, within %s", rows_text(arena, live), check_percent_text(arena, limit));
        finding->found = rows_text(arena, backup);
    }
}

static void compare(CheckContext *context, CheckResult *result, const Pair *pair, Tally *tally) {
    if (pair->live->count == INVENTORY_UNKNOWN || pair->backup->count == INVENTORY_UNKNOWN) {
        could_not_count(context, result, pair, tally);
        return;
    }
    tally->compared++;
    tally->estimated += pair->live->count == INVENTORY_ESTIMATE;
    double apart = scope_drift(pair->live->rows, pair->backup->rows);
    if (apart > tally->worst) {
        tally->worst = apart;
        tally->worst_name = pair->name;
    }
    judge(context, result, pair);
}

/* A table that the dump creates and holds no data section for comes back empty. */
static InventoryTable as_restored(const InventoryTable *backup) {
    InventoryTable table = *backup;
    if (!backup->has_data && backup->count == INVENTORY_UNKNOWN) {
        table.count = INVENTORY_EXACT;
        table.rows = 0;
    }
    return table;
}

static void add_rows(InventoryTable *total, const InventoryTable *table) {
    if (table->count == INVENTORY_UNKNOWN || total->count == INVENTORY_UNKNOWN) {
        total->count = INVENTORY_UNKNOWN;
        total->unknown_why = table->unknown_why;
        return;
    }
    total->rows += table->rows;
    if (table->count == INVENTORY_ESTIMATE)
        total->count = INVENTORY_ESTIMATE;
}

static Group *group_of(CheckContext *context, Groups *groups, const InventoryTable *root) {
    LIST_EACH (Group, group, *groups) {
        if (group->root == root)
            return group;
    }
    InventoryTable none = *root;
    none.count = INVENTORY_EXACT;
    none.rows = 0;
    Group *group = LIST_PUSH(context->arena, *groups);
    *group = (Group){.root = root, .live = none, .backup = none};
    return group;
}

/* The table as a whole has its own verdict; a single partition that is empty is worth a warning. */
static void look_at_partition(CheckContext *context, CheckResult *result, const InventoryTable *live,
                              const InventoryTable *backup) {
    if (backup->count != INVENTORY_EXACT || backup->rows > 0 || live->count != INVENTORY_EXACT || live->rows == 0)
        return;
    CheckFinding graded = check_graded(&emptied, CHECK_WARNING);
    const char *name = inventory_table_text(context->arena, live);
    Finding *finding = check_report(context, result, &graded, name,
                                    "%s, a partition, is empty in the backup and has %s in the live database", name,
                                    rows_text(context->arena, live));
    finding->expected = rows_text(context->arena, live);
    finding->found = rows_text(context->arena, backup);
}

/* All rows stand with the root in the dump. */
static bool routed(const CheckContext *context, const InventoryTable *root) {
    const InventoryTable *found = scope_in_backup(context, root);
    return found != NULL && found->count != INVENTORY_UNKNOWN && found->rows > 0;
}

static void add_to_group(CheckContext *context, CheckResult *result, Groups *groups, const InventoryTable *live) {
    const InventoryTable *root = scope_root(context->live, live), *found = scope_in_backup(context, live);
    Group *group = group_of(context, groups, root);
    if (live->kind == 'r' || live->kind == 'p')
        add_rows(&group->live, live);
    if (found == NULL)
        return;
    InventoryTable backup = as_restored(found);
    group->in_backup = true;
    add_rows(&group->backup, &backup);
    if (live != root && live->kind == 'r' && !(found->rows == 0 && routed(context, root)))
        look_at_partition(context, result, live, &backup);
}

/* Unlogged tables may be left out of a dump (--no-unlogged-table-data), as a crash would empty them: not_tested says
 * so. */
static void visit(CheckContext *context, CheckResult *result, const InventoryTable *live, Tally *tally) {
    const InventoryTable *found = scope_in_backup(context, live);
    if (found == NULL || live->kind != 'r' || (!found->has_data && found->unlogged))
        return;
    InventoryTable backup = as_restored(found);
    Pair pair = {.name = inventory_table_text(context->arena, live), .live = live, .backup = &backup};
    compare(context, result, &pair, tally);
}

static void visit_all(CheckContext *context, CheckResult *result, Tally *tally) {
    Groups groups = {0};
    LIST_EACH (const InventoryTable, live, context->live->tables) {
        if (live->extension_owned || scope_ignored(context, live))
            continue;
        if (live->kind == 'p' || live->partition)
            add_to_group(context, result, &groups, live);
        else
            visit(context, result, live, tally);
    }
    LIST_EACH (const Group, group, groups) {
        Pair pair = {
            .name = inventory_table_text(context->arena, group->root), .live = &group->live, .backup = &group->backup};
        if (group->in_backup)
            compare(context, result, &pair, tally);
    }
}

static void look_for_gone(CheckContext *context, CheckResult *result) {
    LIST_EACH (const InventoryTable, table, context->backup->inventory->tables) {
        if (table->kind == 'f' || table->kind == 'm' || !scope_compared(context, table) ||
            scope_ignored(context, table) || scope_in_live(context, table) != NULL)
            continue;
        bool critical = scope_has_critical(context) && scope_is_critical(context, table);
        CheckFinding graded = check_graded(&gone, critical ? CHECK_WARNING : CHECK_NOTICE);
        const char *name = inventory_table_text(context->arena, table);
        check_report(context, result, &graded, name, "%s is in the backup and not in the live database", name);
    }
}

static void conclude(CheckContext *context, CheckResult *result, const Tally *tally) {
    Arena *arena = context->arena;
    const char *tables = check_count_text(arena, tally->compared, "table");
    const char *estimated = tally->estimated == 0
                                ? ""
                                : arena_printf(arena, ", %s by estimate", check_number_text(arena, tally->estimated));
    if (tally->worst_name == NULL)
        result->observed = arena_printf(arena, "%s equal%s", tables, estimated);
    else
        result->observed = arena_printf(arena, "%s, largest difference %s in %s%s", tables,
                                        isinf(tally->worst) ? "from none" : check_percent_text(arena, tally->worst),
                                        tally->worst_name, estimated);
    if (tally->unknown > 0)
        check_unknown(context, result, "%s could not be counted; %s", check_count_text(arena, tally->unknown, "table"),
                      tally->unknown_why);
    else if (tally->compared == 0)
        check_unknown(context, result,
                      "the live database and the backup have no table in common: is it the right database?");
}

static void run(CheckContext *context, CheckResult *result) {
    double limit = settings_fraction(context->settings, &tolerance);
    result->expected = arena_printf(context->arena, "within %s of live", check_percent_text(context->arena, limit));
    if (scope_no_live(context, result) || check_blind(context, result))
        return;
    if (context->backup->no_data) {
        check_skip(context, result, "the backup holds definitions only");
        return;
    }
    Tally tally = {0};
    visit_all(context, result, &tally);
    look_for_gone(context, result);
    conclude(context, result, &tally);
    check_pass(result);
}

const Check check_rows = {
    .id = "row-counts",
    .title = "Row counts match the live database",
    .subject = "Row counts against the live database",
    .explain = "Every table that both sides hold is counted exactly, in the backup while it is read and in one "
               "snapshot of the live database. The difference must stay within the tolerance (10 %) in both "
               "directions. A table without a count on either side makes the check unknown. With a list of critical "
               "tables, the other tables warn; an empty table against a filled one always fails.",
    .level = 2,
    .findings = findings,
    .options = options,
    .run = run};
