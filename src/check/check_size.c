/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "check/check_loss.h"
#include "check/check_table.h"

/* How many earlier backups the median is taken of: a week of daily ones. */
#define RUNS 7

static const Option min_size = {
    .name = "min_size",
    .type = OPTION_SIZE,
    .argument = "SIZE",
    .fallback = "1",
    .summary = "smallest size a backup may have",
    .detail = "Stored size: of the file, or of all files of a directory. 10MB, 1GiB, plain bytes."};

static const Option max_shrink = {
    .name = "max_shrink",
    .type = OPTION_PERCENT,
    .argument = "PERCENT",
    .fallback = "30%",
    .summary = "allowed drop in size against the median of the last backups",
    .detail = "The median is of up to seven other backups of the target that were verified with pass or warn. When the "
              "rows of every table still hold against the last of them, a drop is a warning (another compression, a "
              "dropped index) instead of a failure."};

static const Option *const options[] = {&min_size, &max_shrink, NULL};

static const CheckFinding too_small = {
    .id = "backup-too-small",
    .severity = CHECK_FAILURE,
    .title = "The backup is smaller than it may be",
    .means = "It is below the size set for the target (min_size). A dump of an empty or wrong database, or one that "
             "was cut at the start, looks like this.",
    .action = "See what it holds: lifeboat inspect FILE. Check that the job dumps the right database and that the disk "
              "did not fill up. Take a new backup, or lower min_size if the database really became smaller.",
    .acceptable = true};

static const CheckFinding dropped = {
    .id = "size-dropped",
    .severity = CHECK_FAILURE,
    .title = "The backup is much smaller than the ones before",
    .means = "Data may have been lost, in the database or on the way into the backup. Databases rarely shrink by "
             "themselves.",
    .action = "Compare with the backup before: lifeboat diff OLD NEW shows which tables lost rows. Keep the older "
              "backup away from its retention until this is understood. If it is intended (a purge, another "
              "compression), say so once: lifeboat verify --target NAME --accept size-dropped.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&too_small, &dropped, NULL};

static int order_sizes(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static bool usable(const CheckContext *context, const HistoryRun *run) {
    bool same = strcmp(run->backup_id, context->backup->id) == 0 && run->backup_taken_at == context->backup->taken_at;
    bool good = strcmp(run->verdict, "pass") == 0 || strcmp(run->verdict, "warn") == 0;
    return !same && good && run->backup_size > 0;
}

/* Several runs may have looked at the same backup: it counts once. */
static bool seen_before(const History *history, const HistoryRun *run) {
    for (const HistoryRun *newer = history->runs.items; newer < run; newer++)
        if (strcmp(newer->backup_id, run->backup_id) == 0 && newer->backup_taken_at == run->backup_taken_at)
            return true;
    return false;
}

/* Median of the last sizes; 0 when there are none. Of an even number the lower of the two in the middle. */
static uint64_t median(const CheckContext *context, size_t *count) {
    uint64_t sizes[RUNS];
    *count = 0;
    LIST_EACH (const HistoryRun, run, context->history->runs) {
        if (*count < RUNS && usable(context, run) && !seen_before(context->history, run))
            sizes[(*count)++] = run->backup_size;
    }
    if (*count == 0)
        return 0;
    qsort(sizes, *count, sizeof(sizes[0]), order_sizes);
    return sizes[(*count - 1) / 2];
}

static void compare_with_history(CheckContext *context, CheckResult *result) {
    Arena *arena = context->arena;
    size_t count;
    uint64_t size = context->backup->size_bytes, usual = median(context, &count);
    double limit = settings_fraction(context->settings, &max_shrink);
    if (usual == 0 || size >= usual)
        return;
    double drop = (double)(usual - size) / (double)usual;
    if (drop <= limit + 1e-9)
        return;
    bool rows_hold = check_loss_rows_hold(context);
    CheckFinding graded = check_graded(&dropped, rows_hold ? CHECK_WARNING : CHECK_FAILURE);
    Finding *finding =
        check_report(context, result, &graded, "", "The backup is %s smaller than the median of the last %s%s",
                     check_percent_text(arena, drop), check_count_text(arena, count, "backup"),
                     rows_hold ? ", though no table lost rows" : "");
    finding->expected =
        arena_printf(arena, "at least %s", file_size_text(arena, (uint64_t)((double)usual * (1 - limit))));
    finding->found = file_size_text(arena, size);
}

static void run(CheckContext *context, CheckResult *result) {
    Arena *arena = context->arena;
    uint64_t least = settings_size(context->settings, &min_size);
    result->expected = arena_printf(arena, "at least %s", file_size_text(arena, least));
    if (check_no_backup(context, result))
        return;
    if (context->changing) {
        check_unknown(context, result, "the backup changed while it was read");
        return;
    }
    result->observed = file_size_text(arena, context->backup->size_bytes);
    if (context->backup->size_bytes < least) {
        Finding *finding = check_report(context, result, &too_small, "", "The backup has %s, at least %s are expected",
                                        result->observed, file_size_text(arena, least));
        finding->expected = result->expected;
        finding->found = result->observed;
    }
    if (context->history->unavailable != NULL)
        check_unknown(context, result, "sizes of earlier backups are not known: %s", context->history->unavailable);
    else
        compare_with_history(context, result);
    check_pass(result);
}

const Check check_size = {
    .id = "size",
    .title = "Its size is believable",
    .subject = "The size of the backup",
    .explain = "The backup is not smaller than min_size, and not more than max_shrink (30 %) smaller than the median "
               "of the target's last verified backups. Without history only the first half is looked at.",
    .level = 1,
    .findings = findings,
    .options = options,
    .run = run};
