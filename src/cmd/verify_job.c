/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/verify_job.h"

#include "base/contain.h"
#include "base/log.h"
#include "cmd/progress.h"
#include "cmd/remember.h"
#include "runbook/advice.h"
#include "verdict/selection.h"
#include "verdict/verify.h"

typedef struct Run {
    const VerifyJob *job;
    const Config *config;
    const VerifyOutput *output;
    const SelectionItem *item; /* being verified */
    const char *died;          /* how the item's own child ended, when it did not live to report */
} Run;

static const Err *died(Arena *arena, const char *how) {
    return err_hint(arena, err_new(arena, ERR_PROCESS, "lifeboat itself failed while it read the backup: %s", how),
                    "This is a defect of lifeboat: please report it");
}

static VerifyRecorded record(Arena *arena, const Run *run, const Remember *remember, const Report *report) {
    if (!run->job->recorded)
        return VERIFY_NOT_ASKED;
    const Err *err = remember_report(arena, remember, report);
    if (err != NULL)
        log_error("this run could not be recorded", "target", report->target, "verdict",
                  report_verdict_name(report->verdict), "error", err_text(arena, err), NULL);
    return err == NULL ? VERIFY_RECORDED : VERIFY_NOT_RECORDED;
}

static Err *verify_item(Arena *arena, void *context, int *status) {
    const Run *run = context;
    const VerifyJob *job = run->job;
    *status = 0;
    Remember remember = {0};
    bool remembers = job->recorded || job->target[0] != '\0';
    if (remembers)
        TRY(remember_open(arena, run->config, &remember));
    ProveSections sections;
    TRY(prove_read_sections(arena, run->config, &sections));
    Progress *progress = progress_new(arena);
    VerifyRequest request = {.path = run->item->path,
                             .obstacle = run->died == NULL ? run->item->obstacle : died(arena, run->died),
                             .target = job->target,
                             .settings = job->settings,
                             .sections = &sections,
                             .history =
                                 remembers ? remember_history(arena, &remember, job->target, run->item->path) : NULL,
                             .progress = progress_show,
                             .context = progress};
    Report *report = NULL;
    Err *err = verify_run(arena, &request, &report);
    progress_clear(progress);
    TRY(err);
    advice_add(arena, report);
    return verify_output_add(arena, run->output, report, record(arena, run, &remember, report));
}

/* The child that was to verify the item did not live to report it: there is nothing to say but that. */
static Err *report_death(Arena *arena, Run *run, const char *how) {
    int ignored;
    TRY(verify_output_mend(arena, run->output));
    run->died = how;
    Err *err = verify_item(arena, run, &ignored);
    run->died = NULL;
    return err;
}

/* In a child, because backups are hostile bytes. */
static Err *contain_item(Arena *arena, Run *run) {
    ContainResult result;
    TRY(contain_run(arena, verify_item, run, &result));
    return result.finished ? NULL : report_death(arena, run, result.died);
}

static Err *verify_items(Arena *arena, void *context, int *status) {
    Run *run = context;
    Selection items;
    *status = 0;
    TRY(selection_find(arena, run->job->path, run->job->all, &items));
    LIST_EACH (const SelectionItem, item, items) {
        run->item = item;
        TRY(contain_item(arena, run));
    }
    return NULL;
}

/* Telling backups from other files reads them, so that is contained as well. */
Err *verify_job_run(Arena *arena, const VerifyJob *job, const Config *config, const VerifyOutput *output) {
    Run run = {.job = job, .config = config, .output = output};
    ContainResult result;
    TRY(contain_run(arena, verify_items, &run, &result));
    if (result.finished)
        return NULL;
    SelectionItem whole = {.path = job->path};
    run.item = &whole;
    return report_death(arena, &run, result.died);
}
