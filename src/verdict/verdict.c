/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/verdict.h"

#include <string.h>

/*
 * Checks that must have run for a rung: skipping one holds the rung back. Checks of a rung that are not listed here
 * (row counts against a live database that nobody gave) hold it back only when they ran and did not hold, or could not
 * run. A rung without a row cannot be reached.
 */
#define REQUIRED_MOST 4
static const char *const required[][REQUIRED_MOST] = {
    [1] = {"exists", "age", "size"},
    [2] = {"header", "decode", "complete"},
    [3] = {"restore"},
    [4] = {"copy", "source", "foreign-keys", "sequences"},
    [5] = {"writes"},
};
#define RUNGS ((int)(sizeof(required) / sizeof(required[0])))

static bool held(const CheckResult *result) {
    return result->status == CHECK_PASS || result->status == CHECK_WARN;
}

static bool is_required(const CheckResult *result, int level) {
    for (size_t at = 0; at < REQUIRED_MOST && required[level][at] != NULL; at++)
        if (strcmp(required[level][at], result->check->id) == 0)
            return true;
    return false;
}

static bool rung_holds(const CheckResults *results, int level) {
    size_t needed = 0, found = 0;
    while (needed < REQUIRED_MOST && required[level][needed] != NULL)
        needed++;
    for (size_t at = 0; at < results->count; at++) {
        const CheckResult *result = &results->items[at];
        bool must = is_required(result, level);
        found += must && held(result);
        if (result->check->level == level && !held(result) && (must || result->status != CHECK_SKIPPED))
            return false;
    }
    return found == needed;
}

static int proof_level(const CheckResults *results) {
    int level = 0;
    while (level + 1 < RUNGS && rung_holds(results, level + 1))
        level++;
    return level;
}

static size_t count_status(const CheckResults *results, CheckStatus status, const CheckResult **first) {
    size_t count = 0;
    *first = NULL;
    for (size_t at = 0; at < results->count; at++) {
        if (results->items[at].status != status)
            continue;
        if (count++ == 0)
            *first = &results->items[at];
    }
    return count;
}

static const Finding *first_finding(const Report *report, CheckSeverity severity, size_t *count) {
    Findings findings;
    report_findings(report->arena, report, severity, &findings);
    *count = 0;
    const Finding *first = NULL;
    LIST_EACH (const Finding, finding, findings) {
        if (finding->severity == severity && (*count)++ == 0)
            first = finding;
    }
    return first;
}

static const char *and_more(Arena *arena, size_t count, const char *noun) {
    return count <= 1 ? "" : arena_printf(arena, " (and %s)", check_count_text(arena, count - 1, noun));
}

static void explain_findings(Report *report, CheckSeverity severity, CheckStatus status) {
    size_t count;
    const Finding *finding = first_finding(report, severity, &count);
    const CheckResult *result;
    if (finding != NULL) {
        const CheckFinding *declared = check_find_finding(finding->id);
        report->reason =
            arena_printf(report->arena, "%s%s", finding->message,
                         and_more(report->arena, count, severity == CHECK_FAILURE ? "more failure" : "more warning"));
        report->next_step = declared == NULL ? "" : declared->action;
    } else if (count_status(&report->checks, status, &result) > 0) {
        report->reason = arena_printf(report->arena, "%s did not hold", result->check->id);
    }
}

/* One obstacle is often in the way of many checks: then it is the whole answer. */
static bool all_for_the_same_reason(const CheckResults *results, const char *why) {
    bool same = true;
    for (size_t at = 0; at < results->count; at++)
        same = same && (results->items[at].status != CHECK_UNKNOWN || strcmp(results->items[at].why, why) == 0);
    return same;
}

/* Hints begin in lower case, often with a command, and end without a full stop. */
static const char *sentence(Arena *arena, const char *words) {
    char *text = arena_strdup(arena, words);
    if (text[0] >= 'a' && text[0] <= 'z' && strncmp(text, "lifeboat ", 9) != 0)
        text[0] = (char)(text[0] - 'a' + 'A');
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '.')
        text[length - 1] = '\0';
    return text;
}

static void explain_unknown(Report *report, const CheckResult *first, size_t count) {
    Arena *arena = report->arena;
    report->next_step = "Remove the obstacle and verify again. Until then treat the backup as not verified.";
    if (first != NULL && first->remedy != NULL)
        report->next_step = arena_printf(arena, "%s. Then verify again; until then treat the backup as not verified.",
                                         sentence(arena, first->remedy));
    if (first == NULL)
        report->reason = "Nothing was looked at";
    else if (all_for_the_same_reason(&report->checks, first->why))
        report->reason = arena_printf(arena, "Could not tell: %s", first->why);
    else
        report->reason = arena_printf(arena, "Could not tell (%s): %s%s", first->check->id, first->why,
                                      and_more(arena, count, "more check"));
}

static void explain_pass(Report *report) {
    Arena *arena = report->arena;
    const Inventory *inventory = report->inventory;
    const Backup *backup = report->backup;
    report->reason = "Every check that was made held";
    report->next_step = "";
    if (inventory == NULL || backup == NULL)
        return;
    int64_t age = report->started_at - backup->taken_at;
    const char *taken = backup->taken_at == TIME_NONE || age < 0
                            ? ""
                            : arena_printf(arena, ", taken %s ago", time_length_text(arena, age));
    report->reason =
        arena_printf(arena, "Every check held: %s, %s%s", check_count_text(arena, inventory->tables.count, "table"),
                     check_count_text(arena, inventory_total_rows(inventory), "row"), taken);
}

void verdict_judge(Report *report, bool strict) {
    const CheckResult *failed, *unknown, *warned, *passed;
    size_t failures = count_status(&report->checks, CHECK_FAIL, &failed);
    size_t unknowns = count_status(&report->checks, CHECK_UNKNOWN, &unknown);
    size_t warnings = count_status(&report->checks, CHECK_WARN, &warned);
    size_t passes = count_status(&report->checks, CHECK_PASS, &passed);
    report->reason = report->next_step = "";
    report->proof_level = proof_level(&report->checks);
    if (failures > 0) {
        report->verdict = VERDICT_FAIL;
        explain_findings(report, CHECK_FAILURE, CHECK_FAIL);
    } else if (unknowns > 0 || warnings + passes == 0) {
        report->verdict = VERDICT_UNKNOWN;
        explain_unknown(report, unknown, unknowns);
    } else if (warnings > 0) {
        report->verdict = strict ? VERDICT_FAIL : VERDICT_WARN;
        explain_findings(report, CHECK_WARNING, CHECK_WARN);
    } else {
        report->verdict = VERDICT_PASS;
        explain_pass(report);
    }
}
