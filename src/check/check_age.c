/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"

/* Clocks of two machines may differ by this much without anybody having to act. */
#define FUTURE_ALLOWANCE (5 * TIME_MINUTE)

static const Option max_age = {
    .name = "max_age",
    .type = OPTION_DURATION,
    .argument = "AGE",
    .fallback = "24h",
    .summary = "oldest that a backup may be",
    .detail = "Counted from the moment the dump began, which archives (custom, directory, tar) state inside. Plain "
              "scripts usually do not say it: then the file's modification time counts, and the report says so."};

static const Option warn_age = {.name = "warn_age",
                                .type = OPTION_DURATION,
                                .argument = "AGE",
                                .summary = "age from which a backup is a warning",
                                .detail = "Below max_age; without it there is no warning before the failure."};

static const Option *const options[] = {&max_age, &warn_age, NULL};

static const CheckFinding stale = {
    .id = "backup-stale",
    .severity = CHECK_FAILURE,
    .title = "Backup is stale",
    .means = "The newest backup is older than allowed: everything written since it was taken would be lost. Usually "
             "the backup job no longer runs, fails, or writes somewhere else.",
    .action = "See when the job last succeeded (systemctl list-timers, crontab -l, its log) and what is stored: "
              "lifeboat list. Take a backup now: pg_dump -Fc -f FILE DATABASE; verify it: lifeboat verify FILE. If "
              "this age is intended, raise max_age for the target.",
    .acceptable = true};

static const CheckFinding future = {
    .id = "backup-from-the-future",
    .severity = CHECK_FAILURE,
    .title = "The backup claims to be taken in the future",
    .means = "Its time lies after this machine's clock, so its age cannot be judged: it may be fresh or years old.",
    .action = "Compare clocks here and on the machine that took the backup: timedatectl, date -u. A wrong clock also "
              "breaks certificates and schedules: mend it first. If only the file's time is wrong, take a new backup.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&stale, &future, NULL};

static void judge(CheckContext *context, CheckResult *result, int64_t age) {
    Arena *arena = context->arena;
    int64_t limit = settings_duration(context->settings, &max_age);
    bool warns = settings_given(context->settings, &warn_age);
    const char *age_text = time_length_text(arena, age < 0 ? 0 : age);
    if (age <= limit && !(warns && age > settings_duration(context->settings, &warn_age)))
        return;
    CheckFinding graded = check_graded(&stale, age > limit ? CHECK_FAILURE : CHECK_WARNING);
    if (age <= limit)
        limit = settings_duration(context->settings, &warn_age);
    Finding *finding =
        check_report(context, result, &graded, "", "Backup is stale: it was taken %s ago, allowed are %s", age_text,
                     time_length_text(arena, limit));
    finding->expected = arena_printf(arena, "at most %s", time_length_text(arena, limit));
    const char *note = context->backup->taken_at_note;
    finding->found = note == NULL ? age_text : arena_printf(arena, "%s (%s)", age_text, note);
}

static void run(CheckContext *context, CheckResult *result) {
    const Backup *backup = context->backup;
    Arena *arena = context->arena;
    result->expected =
        arena_printf(arena, "at most %s old", time_length_text(arena, settings_duration(context->settings, &max_age)));
    if (check_no_backup(context, result))
        return;
    if (backup->taken_at == TIME_NONE) {
        check_unknown(context, result, "the backup does not tell when it was taken");
        return;
    }
    int64_t age = context->now - backup->taken_at;
    const char *source = backup->taken_at_stated ? "" : " (by the time of the file)";
    if (age < -FUTURE_ALLOWANCE) {
        result->observed = arena_printf(arena, "taken %s in the future%s", time_length_text(arena, -age), source);
        Finding *finding = check_report(context, result, &future, "", "The backup claims to be taken %s in the future",
                                        time_length_text(arena, -age));
        finding->expected = arena_printf(arena, "not after %s", time_text(arena, context->now));
        finding->found = time_text(arena, backup->taken_at);
        return;
    }
    result->observed = arena_printf(arena, "%s old%s", time_length_text(arena, age < 0 ? 0 : age), source);
    judge(context, result, age);
    check_pass(result);
}

const Check check_age = {
    .id = "age",
    .title = "It is fresh",
    .subject = "The age of the backup",
    .explain = "The backup was taken recently enough (max_age, 24 h by default). A time in the future is a failure of "
               "its own, since it makes the age unknowable; five minutes are allowed for clocks that differ.",
    .level = 1,
    .findings = findings,
    .options = options,
    .run = run};
