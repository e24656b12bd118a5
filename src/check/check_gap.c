/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"

static const Option max_gap = {.name = "max_gap",
                               .type = OPTION_DURATION,
                               .argument = "LENGTH",
                               .fallback = "36h",
                               .summary = "longest time between two verifications of a target",
                               .detail = "Set it a little above the schedule: 36h for a daily one. A longer pause "
                                         "means that a scheduled run did not happen."};

static const Option *const options[] = {&max_gap, NULL};

static const CheckFinding gap = {
    .id = "verification-gap",
    .severity = CHECK_WARNING,
    .title = "A scheduled verification did not happen",
    .means = "Between the last verification and this one lies more time than the schedule allows: for a while nobody "
             "would have noticed a bad backup.",
    .action = "Look why it did not run: systemctl status lifeboat-verify.timer, journalctl -u lifeboat-verify, crontab "
              "-l, and whether the machine was on. lifeboat log shows the runs there were.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&gap, NULL};

static void run(CheckContext *context, CheckResult *result) {
    Arena *arena = context->arena;
    const History *history = context->history;
    int64_t limit = settings_duration(context->settings, &max_gap);
    result->expected = arena_printf(arena, "at most %s apart", time_length_text(arena, limit));
    if (!history->asked) {
        check_skip(context, result, "no history is kept for a backup that belongs to no target");
        return;
    }
    if (history->unavailable != NULL) {
        check_unknown(context, result, "earlier runs are not known: %s", history->unavailable);
        return;
    }
    if (history->runs.count == 0) {
        check_skip(context, result, "this is the first verification of the target");
        return;
    }
    int64_t since = context->now - history->runs.items[0].finished_at;
    result->observed = arena_printf(arena, "last one %s ago", time_length_text(arena, since < 0 ? 0 : since));
    if (since > limit) {
        Finding *finding = check_report(context, result, &gap, "", "The last verification was %s ago, allowed are %s",
                                        time_length_text(arena, since), time_length_text(arena, limit));
        finding->expected = result->expected;
        finding->found = result->observed;
    }
    check_pass(result);
}

const Check check_gap = {.id = "verification-gap",
                         .title = "Verifications run on schedule",
                         .subject = "The schedule of verifications",
                         .explain = "The last verification of the target is not longer ago than max_gap (36 h, for a "
                                    "daily schedule): a run that did not happen tells nobody by itself.",
                         .level = 1,
                         .findings = findings,
                         .options = options,
                         .run = run};
