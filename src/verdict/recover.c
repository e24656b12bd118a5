/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/recover.h"

#include <string.h>

#include "base/text.h"
#include "base/uuid.h"
#include "sandbox/likeness.h"
#include "verdict/not_tested.h"
#include "verdict/verdict.h"

/* The questions that concern the bytes, before anything is touched; and those about what came out. */
static const char *const reading_checks[] = {"header", "decode", "complete"};
static const char *const restored_checks[] = {"restore", "copy",        "foreign-keys", "sequences",
                                              "indexes", "constraints", "triggers",     "policies",
                                              "views",   "functions",   "writes"};

static Settings *settings_for_checks(Arena *arena, const RecoverRequest *request) {
    Settings *settings = settings_new(arena);
    check_declare_options(settings);
    settings_inherit(settings, request->settings);
    return settings;
}

static void ask(Arena *arena, Recover *recover, const char *const *ids, size_t count) {
    for (size_t at = 0; at < count; at++) {
        const Check *check = check_find(ids[at]);
        if (check != NULL)
            check_run(recover->context, check, LIST_PUSH(arena, recover->report->checks));
    }
}

/* An explained error is no defect of the backup; of a database that people will use it is worth a warning. */
static void warn_of_gaps(Recover *recover) {
    Report *report = recover->report;
    const Restore *restore = recover->context->restore;
    uint64_t errors = 0;
    for (ExplainClass class = EXPLAIN_REAL + 1; restore != NULL && class < EXPLAIN_CLASSES; class ++)
        errors += restore->counts[class];
    if (report->verdict != VERDICT_PASS || restore == NULL || errors + restore->absent_extensions.count == 0)
        return;
    report->verdict = VERDICT_WARN;
    report->reason = restore->absent_extensions.count > 0
                         ? arena_printf(report->arena, "Restored, but the server lacks %s of the backup",
                                        check_count_text(report->arena, restore->absent_extensions.count, "extension"))
                         : arena_printf(report->arena, "Restored, but %s could not be executed on this server",
                                        check_count_text(report->arena, errors, "statement"));
    report->next_step = "Read what is left to do: what the server lacks is missing in the database too.";
}

static void judge(Recover *recover) {
    recover->report->not_tested.count = 0;
    not_tested_fill(recover->context, recover->report);
    verdict_judge(recover->report, false);
    warn_of_gaps(recover);
    recover->report->finished_at = time_now();
}

typedef struct Reading {
    const RecoverRequest *request;
} Reading;

static void show_reading(void *context, uint64_t done, uint64_t total) {
    const RecoverRequest *request = ((const Reading *)context)->request;
    if (request->progress != NULL)
        request->progress(request->context, "reading", done, total);
}

static bool holds(const Report *report) {
    LIST_EACH (const CheckResult, result, report->checks)
        if (result->status != CHECK_PASS && result->status != CHECK_WARN && result->status != CHECK_SKIPPED)
            return false;
    return true;
}

Err *recover_read(Arena *arena, const RecoverRequest *request, Recover *out) {
    History *none = ARENA_NEW(arena, History);
    none->last_verified_at = TIME_NONE;
    *out = (Recover){
        .note = "", .database = "", .report = ARENA_NEW(arena, Report), .context = ARENA_NEW(arena, CheckContext)};
    *out->context = (CheckContext){.arena = arena,
                                   .settings = settings_for_checks(arena, request),
                                   .now = time_now(),
                                   .backup = request->backup,
                                   .read_attempted = true,
                                   .restore_asked = true,
                                   .history = none};
    TRY(check_validate(arena, out->context->settings));
    *out->report = (Report){.arena = arena,
                            .run_id = uuid_new(arena),
                            .target = "",
                            .tool_version = LIFEBOAT_VERSION,
                            .started_at = time_now(),
                            .clock_overridden = time_is_overridden(),
                            .path = request->backup->path,
                            .backup = request->backup,
                            .inventory = request->backup->inventory};
    Reading reading = {.request = request};
    const BackupReadRequest read = {.jobs = request->jobs, .progress = show_reading, .context = &reading};
    Err *err = backup_read(request->backup, &read);
    if (err != NULL && err_is(err, ERR_INTERRUPTED))
        return err;
    out->context->read_error = err;
    ask(arena, out, reading_checks, sizeof(reading_checks) / sizeof(reading_checks[0]));
    out->good = holds(out->report) && err == NULL;
    judge(out);
    return NULL;
}

/* ---- restoring ---- */

typedef struct Recovering {
    Arena *arena;
    const RecoverRequest *request;
    Recover *out;
    Prove *prove; /* for the report: phases, versions */
} Recovering;

static void add_phase(Recovering *recovering, const char *name, int64_t began) {
    *LIST_PUSH(recovering->arena, recovering->prove->phases) =
        (ProvePhase){.name = name, .seconds = (double)(time_monotonic() - began) / (double)TIME_SECOND};
}

static Err *restore(Recovering *recovering) {
    Arena *arena = recovering->arena;
    const RecoverRequest *request = recovering->request;
    Restore *restored = NULL;
    const RestoreRequest restoring = {.backup = request->backup,
                                      .tools = request->tools,
                                      .conninfo = request->destination->conninfo,
                                      .database = request->destination->working,
                                      .rules = request->sections == NULL ? NULL : request->sections->rules.items,
                                      .rule_count = request->sections == NULL ? 0 : request->sections->rules.count,
                                      .jobs = request->jobs,
                                      .deadline = request->deadline,
                                      .keep_platform = true,
                                      .trust_dump = request->trust_dump,
                                      .progress = request->progress,
                                      .context = request->context};
    TRY(restore_run(arena, &restoring, &restored));
    LIST_EACH (const RestorePhase, phase, restored->phases)
        *LIST_PUSH(arena, recovering->prove->phases) = (ProvePhase){phase->name, phase->seconds};
    recovering->prove->restore = recovering->out->context->restore = restored;
    return NULL;
}

static bool without_real_errors(const Restore *restore) {
    return restore->counts[EXPLAIN_REAL] == 0 && restore->counts[EXPLAIN_REFUSED] == 0;
}

/* ---- looking at it ---- */

static void show_comparing(void *context, uint64_t done, uint64_t total) {
    const Recovering *recovering = context;
    if (recovering->request->progress != NULL)
        recovering->request->progress(recovering->request->context, "comparing", done, total);
}

static Err *take_inventory(Recovering *recovering, const char *conninfo) {
    Arena *arena = recovering->arena;
    const Backup *backup = recovering->request->backup;
    const LikenessRequest likeness = {.backup = backup,
                                      .live = {.conninfo = conninfo,
                                               .jobs = recovering->request->jobs,
                                               .statement_timeout = recovering->request->deadline,
                                               .progress = show_comparing,
                                               .context = recovering}};
    Inventory *inventory = NULL;
    int64_t began = time_monotonic();
    TRY(likeness_take(arena, &likeness, &inventory));
    inventory->label = backup->database;
    *LIST_PUSH(arena, recovering->prove->copies) = inventory;
    add_phase(recovering, "inventory", began);
    return NULL;
}

static Err *look(Recovering *recovering) {
    Arena *arena = recovering->arena;
    const RecoverRequest *request = recovering->request;
    const char *conninfo = NULL;
    TRY(destination_conninfo(arena, request->destination, request->destination->working, &conninfo));
    TRY(take_inventory(recovering, conninfo));
    Examination *examination = NULL;
    int64_t began = time_monotonic();
    const ExamineRequest examining = {
        .tools = request->tools,
        .conninfo = conninfo,
        .questions = request->sections == NULL ? NULL : request->sections->questions.items,
        .question_count = request->sections == NULL ? 0 : request->sections->questions.count,
        .jobs = request->jobs,
        .deadline = request->deadline,
        .restore = recovering->prove->restore};
    TRY(examine_copy(arena, &examining, &examination));
    recovering->out->context->examination = examination;
    add_phase(recovering, "examine", began);
    return NULL;
}

/* What cannot be looked at is unknown; the database is there all the same. */
static Err *look_and_judge(Recovering *recovering) {
    CheckContext *context = recovering->out->context;
    Err *err = look(recovering);
    if (err != NULL && (err_is(err, ERR_INTERRUPTED) || err_is(err, ERR_CONFIG)))
        return err;
    context->examine_error = err;
    context->restored = recovering->prove->copies.count == 0 ? NULL : &recovering->prove->copies;
    ask(recovering->arena, recovering->out, restored_checks, sizeof(restored_checks) / sizeof(restored_checks[0]));
    TRY(recover_tasks(recovering->arena, recovering->request, recovering->out));
    judge(recovering->out);
    return NULL;
}

Err *recover_run(Arena *arena, const RecoverRequest *request, Recover *out) {
    Recovering recovering = {.arena = arena, .request = request, .out = out, .prove = ARENA_NEW(arena, Prove)};
    *recovering.prove =
        (Prove){.confinement = "none: restored in earnest", .server_version = request->destination->server_version};
    TRY(destination_create(arena, request->destination, request->backup, &out->note));
    out->stage = RECOVER_BEGUN;
    out->database = request->destination->working;
    TRY(destination_make_roles(arena, request->destination, request->backup->inventory, &out->roles_made));
    TRY(restore(&recovering));
    out->stage = RECOVER_RESTORED;
    if (without_real_errors(out->context->restore)) {
        TRY(destination_finish(arena, request->destination));
        out->stage = RECOVER_NAMED;
        out->database = request->destination->working;
    }
    out->report->prove = recovering.prove;
    return look_and_judge(&recovering);
}
