/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_TESTS_UNIT_SAMPLE_H
#define LIFEBOAT_TESTS_UNIT_SAMPLE_H

#include "store/store.h"

/*
 * A report made by hand: one backup with two tables, four checks (pass, fail with a finding, unknown, skipped), so that
 * every column of the log has something to show. Tests change what they look at.
 */
static const Check sample_age = {.id = "age", .title = "age"};
static const Check sample_rows = {.id = "row-counts", .title = "row counts"};
static const Check sample_live = {.id = "structure", .title = "structure"};
static const Check sample_skipped = {.id = "size", .title = "size"};

static inline void sample_check(Report *report, const Check *check, CheckStatus status) {
    *LIST_PUSH(report->arena, report->checks) = (CheckResult){.check = check,
                                                              .status = status,
                                                              .expected = "expected",
                                                              .observed = "observed",
                                                              .why = "why",
                                                              .seconds = 0.25};
}

static inline Finding *sample_finding(Report *report, size_t check, const char *id, CheckSeverity severity) {
    CheckResult *result = &report->checks.items[check];
    Finding *finding = LIST_PUSH(report->arena, result->findings);
    *finding = (Finding){.id = id,
                         .severity = severity,
                         .where = "public.contacts",
                         .message = "contacts has 12 rows, the live database 9411",
                         .expected = "9411",
                         .found = "12"};
    return finding;
}

static inline InventoryTable *sample_table(Inventory *inventory, const char *name, uint64_t rows) {
    InventoryTable *table = inventory_table(inventory, "", "public", name);
    table->kind = 'r';
    table->has_data = true;
    table->count = INVENTORY_EXACT;
    table->rows = rows;
    table->bytes = rows * 40;
    table->digested = true;
    table->digest = (HashSum){.low = rows, .high = 7};
    return table;
}

/* `number` makes run_id, so that runs sort by it. */
static inline Report *sample_report(Arena *arena, int number, Verdict verdict, Time finished_at) {
    Report *report = ARENA_NEW(arena, Report);
    Backup *backup = ARENA_NEW(arena, Backup);
    Inventory *inventory = inventory_new(arena, INVENTORY_BACKUP, "backup app.dump");
    sample_table(inventory, "contacts", 12);
    InventoryTable *unknown = sample_table(inventory, "a\xff\nb", 0);
    unknown->count = INVENTORY_UNKNOWN;
    unknown->unknown_why = "not decoded";
    unknown->digested = false;
    inventory_seal(inventory);
    *backup = (Backup){.arena = arena,
                       .path = "/backups/app.dump",
                       .id = "app.dump",
                       .format = "custom",
                       .compression = "gzip",
                       .size_bytes = UINT64_C(123456789),
                       .modified = finished_at - TIME_HOUR,
                       .taken_at = finished_at - 2 * TIME_HOUR - 1,
                       .inventory = inventory};
    *report = (Report){.arena = arena,
                       .run_id = arena_printf(arena, "0190c0de-%04x-7000-8000-000000000000", (unsigned)number),
                       .target = "production",
                       .tool_version = "0.1.0",
                       .verdict = verdict,
                       .reason = "contacts lost rows",
                       .proof_level = 1,
                       .started_at = finished_at - 3 * TIME_SECOND,
                       .finished_at = finished_at,
                       .path = "/backups/app.dump",
                       .backup = backup,
                       .inventory = inventory,
                       .next_step = "look at contacts"};
    sample_check(report, &sample_age, CHECK_PASS);
    sample_check(report, &sample_rows, CHECK_FAIL);
    sample_finding(report, 1, "row-count-drift", CHECK_FAILURE);
    sample_check(report, &sample_live, CHECK_UNKNOWN);
    sample_check(report, &sample_skipped, CHECK_SKIPPED);
    return report;
}

#endif
