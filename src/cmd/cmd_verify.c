/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/contain.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/exit_status.h"
#include "cmd/progress.h"
#include "cmd/report_text.h"
#include "cmd/section.h"
#include "cmd/target.h"
#include "inventory/live.h"
#include "verdict/selection.h"
#include "verdict/verify.h"

static const Option target_name = {.name = "target",
                                   .letter = 't',
                                   .type = OPTION_TEXT,
                                   .argument = "NAME",
                                   .flag_only = true,
                                   .summary = "verify this target of the configuration, with its thresholds"};

static const Option all = {.name = "all",
                           .letter = 'a',
                           .type = OPTION_FLAG,
                           .flag_only = true,
                           .summary = "of a folder every backup, not only the newest"};

static const Option as_json = {
    .name = "json", .type = OPTION_FLAG, .flag_only = true, .summary = "the report as JSON (schema lifeboat.report/1)"};

static const Option quiet = {.name = "quiet",
                             .letter = 'q',
                             .type = OPTION_FLAG,
                             .flag_only = true,
                             .summary = "print nothing about a backup that passes, one line about any other"};

static const Option *const options[] = {&target_name, &all, &as_json, &quiet, NULL};

/* What one run of the command verifies: an operand, or the path of a target. */
typedef struct Job {
    const char *path;
    const char *target; /* "" without one */
    const Settings *settings;
} Job;

typedef struct Run {
    CommandCall *call;
    const Job *job;
    const SelectionItem *item; /* being verified */
    bool many;                 /* several reports are expected: JSON gets an envelope */
    /* Reports, each as its verdict's number in one byte, its text and a NUL byte. A file in memory, so that the child
     * that reads a backup can write what the parent prints. */
    int results;
    const char *died; /* set when the item's first child did not live to report */
} Run;

/* ---- one backup ---- */

static const char *render(Arena *arena, const Run *run, const Report *report) {
    if (settings_flag(run->call->settings, &as_json))
        return json_render(arena, report_json(arena, report), run->many);
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    bool line_only = settings_flag(run->call->settings, &quiet);
    if (!line_only)
        report_text(memory, run->call->terminal, report);
    else if (report->verdict != VERDICT_PASS)
        report_text_line(memory, run->call->terminal, report);
    fclose(memory);
    const char *kept = arena_strndup(arena, text, length);
    free(text);
    return kept;
}

static Err *keep_result(Arena *arena, const Run *run, const Report *report) {
    const char *text = render(arena, run, report);
    char verdict = (char)('0' + (int)report->verdict);
    FILE *results = fdopen(dup(run->results), "w");
    bool kept = results != NULL && fputc(verdict, results) != EOF && fwrite(text, strlen(text) + 1, 1, results) == 1;
    if (results != NULL && fclose(results) != 0)
        kept = false;
    return kept ? NULL : err_new(arena, ERR_IO, "the report could not be kept in memory");
}

static Err *verify_item(Arena *arena, void *context, int *status) {
    const Run *run = context;
    const Err *obstacle = run->item->obstacle;
    if (run->died != NULL)
        obstacle = err_hint(
            arena, err_new(arena, ERR_PROCESS, "lifeboat itself failed while it read the backup: %s", run->died),
            "This is a defect of lifeboat: please report it, with the backup's header if you can");
    Progress *progress = progress_new(arena);
    VerifyRequest request = {.path = run->item->path,
                             .obstacle = obstacle,
                             .target = run->job->target,
                             .settings = run->job->settings,
                             .progress = progress_show,
                             .context = progress};
    Report *report;
    Err *err = verify_run(arena, &request, &report);
    progress_clear(progress);
    TRY(err);
    *status = report_exit_status(report->verdict);
    return keep_result(arena, run, report);
}

/* In a child, because backups are hostile bytes; when the child dies, again with nothing but that to report. */
static Err *contain_item(Arena *arena, Run *run) {
    ContainResult result;
    TRY(contain_run(arena, verify_item, run, &result));
    if (result.finished)
        return NULL;
    run->died = result.died;
    int ignored;
    Err *err = verify_item(arena, run, &ignored);
    run->died = NULL;
    return err;
}

/* ---- one job ---- */

static Err *verify_job(Arena *arena, void *context, int *status) {
    Run *run = context;
    Selection items;
    *status = 0;
    TRY(selection_find(arena, run->job->path, settings_flag(run->call->settings, &all), &items));
    LIST_EACH (const SelectionItem, item, items) {
        run->item = item;
        TRY(contain_item(arena, run));
    }
    return NULL;
}

/* Telling backups from other files reads them, so that is contained as well. */
static Err *contain_job(Arena *arena, Run *run) {
    ContainResult result;
    TRY(contain_run(arena, verify_job, run, &result));
    if (result.finished)
        return NULL;
    run->item = &(SelectionItem){.path = run->job->path};
    run->died = result.died;
    int ignored;
    Err *err = verify_item(arena, run, &ignored);
    run->died = NULL;
    return err;
}

/* ---- all of them ---- */

typedef LIST(Job) Jobs;

static void declare_options(Settings *settings) {
    verify_declare_options(settings);
}

/* What the command line says counts first, then the target's section. */
static Err *add_target(Arena *arena, const CommandCall *call, const Target *target, const char *path, Jobs *jobs) {
    Settings *settings = settings_new(arena);
    target_declare(settings);
    settings_inherit(settings, call->settings);
    settings_inherit(settings, target->settings);
    if (path == NULL)
        path = settings_text(settings, &target_path);
    if (path == NULL)
        return err_new(arena, ERR_CONFIG, "the target %s has no path", text_quote(arena, text_of(target->name), 60));
    *LIST_PUSH(arena, *jobs) = (Job){.path = path, .target = target->name, .settings = settings};
    return NULL;
}

static Err *nothing_to_verify(Arena *arena, const Config *config) {
    Err *err =
        config->path == NULL
            ? err_new(arena, ERR_USAGE, "nothing to verify: no path was given and there is no configuration")
            : err_new(arena, ERR_USAGE, "nothing to verify: no path was given and %s has no target", config->path);
    return err_hint(arena, err, "lifeboat verify PATH, or lifeboat init to write a configuration");
}

static Err *find_jobs(CommandCall *call, const Config *config, Jobs *jobs) {
    Arena *arena = call->arena;
    const char *name = settings_text(call->settings, &target_name);
    Targets targets = {0};
    if (name != NULL)
        TRY(target_load(arena, config, name, LIST_PUSH(arena, targets)));
    else if (call->operand_count == 0)
        TRY(target_load_all(arena, config, &targets));
    for (size_t at = 0; at < call->operand_count; at++) {
        const char *path = call->operands[at];
        if (name != NULL)
            TRY(add_target(arena, call, &targets.items[0], path, jobs));
        else
            *LIST_PUSH(arena, *jobs) = (Job){.path = path, .target = "", .settings = call->settings};
    }
    for (size_t at = 0; at < targets.count && call->operand_count == 0; at++)
        TRY(add_target(arena, call, &targets.items[at], NULL, jobs));
    return jobs->count > 0 ? NULL : nothing_to_verify(arena, config);
}

static void warn_about_password(const CommandCall *call) {
    const char *origin = settings_origin(call->settings, &verify_against);
    const char *against = settings_text(call->settings, &verify_against);
    if (against == NULL || origin == NULL || origin[0] != '-' || !live_conninfo_has_password(against))
        return;
    log_warning("the password on the command line can be seen by every user of this machine", "instead",
                "put it into ~/.pgpass or PGPASSFILE, use service=NAME, or against_file in the configuration", NULL);
}

/* ---- output ---- */

typedef struct Tally {
    size_t count[4]; /* by Verdict */
    size_t total;
} Tally;

static Err *read_results(Arena *arena, int descriptor, char **bytes, size_t *length) {
    off_t size = lseek(descriptor, 0, SEEK_END);
    if (size < 0)
        return err_new(arena, ERR_IO, "the reports could not be read back");
    *bytes = arena_alloc(arena, (size_t)size + 1);
    *length = 0;
    while (*length < (size_t)size) {
        ssize_t got = pread(descriptor, *bytes + *length, (size_t)size - *length, (off_t)*length);
        if (got <= 0)
            return err_new(arena, ERR_IO, "the reports could not be read back");
        *length += (size_t)got;
    }
    return NULL;
}

/* The verdict of all: the worst one, where a failure is worse than not knowing. */
static Verdict worst(const Tally *tally) {
    static const Verdict order[] = {VERDICT_FAIL, VERDICT_UNKNOWN, VERDICT_WARN, VERDICT_PASS};
    for (size_t at = 0; at < sizeof(order) / sizeof(order[0]); at++)
        if (tally->count[order[at]] > 0)
            return order[at];
    return VERDICT_UNKNOWN;
}

static Tally count_results(const char *bytes, size_t length) {
    Tally tally = {0};
    for (size_t at = 0; at < length; at += strlen(bytes + at) + 1) {
        tally.count[bytes[at] - '0']++;
        tally.total++;
    }
    return tally;
}

static void print_json(const Run *run, const char *bytes, size_t length, const Tally *tally) {
    FILE *out = run->call->out;
    if (run->many)
        fprintf(out, "{\"schema\": \"lifeboat.reports/1\", \"verdict\": \"%s\", \"reports\": [",
                report_verdict_name(worst(tally)));
    for (size_t at = 0; at < length; at += strlen(bytes + at) + 1)
        fprintf(out, "%s%s", at > 0 ? ",\n" : run->many ? "\n" : "", bytes + at + 1);
    fputs(run->many ? "\n]}\n" : "\n", out);
}

static void print_text(const Run *run, const char *bytes, size_t length, const Tally *tally) {
    FILE *out = run->call->out;
    bool lines = settings_flag(run->call->settings, &quiet);
    for (size_t at = 0; at < length; at += strlen(bytes + at) + 1)
        fprintf(out, "%s%s", at > 0 && !lines ? "\n" : "", bytes + at + 1);
    if (tally->total > 1 && !lines)
        fprintf(out, "\n%zu backups: %zu pass, %zu warn, %zu fail, %zu unknown\n", tally->total,
                tally->count[VERDICT_PASS], tally->count[VERDICT_WARN], tally->count[VERDICT_FAIL],
                tally->count[VERDICT_UNKNOWN]);
}

static Err *print_results(Run *run) {
    char *bytes = NULL;
    size_t length = 0;
    TRY(read_results(run->call->arena, run->results, &bytes, &length));
    Tally tally = count_results(bytes, length);
    if (settings_flag(run->call->settings, &as_json))
        print_json(run, bytes, length, &tally);
    else
        print_text(run, bytes, length, &tally);
    *run->call->status = report_exit_status(worst(&tally));
    return NULL;
}

static Err *run(CommandCall *call) {
    Config *config;
    TRY(command_read_config(call, &config));
    TRY(section_validate(call->arena, config));
    Jobs jobs = {0};
    TRY(find_jobs(call, config, &jobs));
    LIST_EACH (const Job, job, jobs)
        TRY(check_validate(call->arena, job->settings));
    warn_about_password(call);
    Run state = {.call = call, .results = memfd_create("lifeboat-reports", MFD_CLOEXEC)};
    if (state.results < 0)
        return err_new(call->arena, ERR_IO, "cannot make a file in memory");
    state.many = call->operand_count > 1 || settings_flag(call->settings, &all) ||
                 (call->operand_count == 0 && settings_text(call->settings, &target_name) == NULL);
    LIST_EACH (const Job, job, jobs) {
        state.job = job;
        TRY(contain_job(call->arena, &state));
    }
    return print_results(&state);
}

const Command cmd_verify = {
    .name = "verify",
    .group = COMMAND_GROUP_VERIFY,
    .synopsis = "verify [PATH ...]",
    .summary = "read a backup whole and say whether it can be relied on",
    .detail = "PATH is a backup of pg_dump or pg_dumpall (custom, directory, tar, plain; gzip, zstd, lz4 or not "
              "compressed), or a folder of them, "
              "which means its newest. What it is gets told from its bytes. No configuration is needed; without a PATH "
              "every target of the "
              "configuration is verified.\n\n"
              "Every byte is read and decoded, every row counted. With --against the counts and the structure are "
              "compared with the live database. What was "
              "not looked at is listed, and is never called good: a check that was asked for and could not run makes "
              "the verdict unknown.\n\n"
              "The exit status is the verdict: 0 pass or warn, 1 fail, 2 unknown. Of several backups the worst counts.",
    .examples = "$ lifeboat verify app.dump\nThe file, by itself.\n"
                "$ lifeboat verify /var/backups/app --against service=app --critical contacts,appointments\nThe newest "
                "backup of a folder, compared with the live "
                "database.\n"
                "$ lifeboat verify --target production --json\nA target of the configuration; the report as JSON.\n"
                "$ lifeboat verify --all /var/backups/app --max-age 31d --quiet\nEvery backup of a folder; only the "
                "bad ones are named.",
    .options = options,
    .declare = declare_options,
    .run = run,
};
