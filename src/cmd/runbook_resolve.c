/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_resolve.h"

#include <poll.h>
#include <string.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "cmd/ask.h"
#include "cmd/exit_status.h"
#include "inventory/live.h"
#include "runbook/probe_sh.h"
#include "store/store.h"

const Option runbook_resolve_apply = {
    .name = "apply",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "resolve: run the plan, after the target's name was typed",
};

const Option runbook_resolve_confirm = {
    .name = "confirm",
    .type = OPTION_TEXT,
    .argument = "NAME",
    .flag_only = true,
    .summary = "resolve --apply: the target's name, where nobody can be asked",
};

const Option runbook_resolve_force = {
    .name = "force",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "resolve --apply: also when the issue is not present, or cannot be told",
};

/* A cancelled statement ends a moment later. */
#define RESOLVE_PATIENCE (10 * TIME_SECOND)
enum { RESOLVE_PAUSE_MS = 500 };

typedef struct Resolve {
    CommandCall *call;
    RunbookSubject subject;
    const Issue *issue;
    DiagnosisReport before;
    const char *conninfo; /* of the operator */
    const char *label;
    const char *evidence; /* path of the file */
    Resolution resolution;
    json_t *record;
} Resolve;

static const char *mark(const Resolve *resolve, TerminalMark which) {
    return terminal_mark(resolve->call->arena, resolve->call->terminal, which);
}

/* --- the record --- */

static Err *place_of_evidence(const Resolve *resolve, const char **out) {
    Arena *arena = resolve->call->arena;
    StoreSetup setup;
    Store *store = NULL;
    TRY(store_setup_to_look(arena, resolve->subject.open.config, &setup));
    TRY(store_open(arena, setup.directory, &store));
    const char *path = store_path(store), *slash = strrchr(path, '/');
    const char *directory =
        arena_printf(arena, "%.*s/runbook", slash == NULL ? 1 : (int)(slash - path), slash == NULL ? "." : path);
    TRY(file_make_directories(arena, directory, 0700));
    char *stamp = arena_strdup(arena, time_text(arena, resolve->subject.context.now));
    for (char *at = stamp; *at != '\0'; at++)
        *at = (char)(*at == ':' ? '-' : *at);
    *out = arena_printf(arena, "%s/%s-%s.json", directory, stamp, resolve->issue->id);
    return NULL;
}

static Err *write_record(const Resolve *resolve) {
    const char *text =
        arena_printf(resolve->call->arena, "%s\n", json_render(resolve->call->arena, resolve->record, false));
    return file_write_atomic(resolve->call->arena, resolve->evidence, text_of(text), 0600);
}

/* Before anything changes: what was seen then is gone afterwards. */
static Err *capture(Resolve *resolve) {
    RunbookView view = {.call = resolve->call, .subject = &resolve->subject, .report = &resolve->before};
    Err *err = place_of_evidence(resolve, &resolve->evidence);
    resolve->record = json_start(resolve->call->arena, json_object());
    json_put_string(resolve->record, "schema", "lifeboat.resolution/1");
    json_put_string(resolve->record, "issue", resolve->issue->id);
    json_put_string(resolve->record, "target", resolve->subject.name);
    json_put_string(resolve->record, "operator", resolve->label);
    json_put(resolve->record, "before", json_incref(runbook_diagnose_json_report(&view)));
    if (err == NULL)
        err = write_record(resolve);
    if (err != NULL)
        return err_wrap(resolve->call->arena, err, "the evidence cannot be kept, so nothing was changed");
    fprintf(resolve->call->out, "\nEvidence of before: %s\n", text_safe(resolve->call->arena, resolve->evidence));
    return NULL;
}

static void record_steps(const Resolve *resolve) {
    json_t *steps = json_put(resolve->record, "steps", json_array());
    LIST_EACH (const ResolutionStep, step, resolve->resolution.steps) {
        json_t *entry = json_add(steps, json_object());
        json_put_u64(entry, "line", (uint64_t)step->block->line);
        json_put_string(entry, "kind", issue_kind_name(step->block->kind));
        json_put_string(entry, "result", !step->begun ? "not begun" : step->done ? "done" : "failed");
        json_put_string(entry, "error", step->err == NULL ? NULL : err_text(resolve->call->arena, step->err));
        json_put_real(entry, "seconds", (double)step->elapsed / (double)TIME_SECOND);
        json_t *said = json_put(entry, "said", json_array());
        LIST_EACH (const char *, line, step->said) {
            json_add(said, json_text_value(text_of(*line)));
        }
    }
}

/* --- before --- */

static Err *confirm(const Resolve *resolve) {
    const CommandCall *call = resolve->call;
    const char *name = resolve->subject.name, *answer = settings_text(call->settings, &runbook_resolve_confirm);
    const char *shown = text_safe(call->arena, name);
    if (answer == NULL && !ask_possible(call))
        return err_hint(call->arena,
                        err_new(call->arena, ERR_USAGE, "nobody can be asked here, so nothing was changed"),
                        "add --confirm=%s", shown);
    if (answer == NULL) {
        fputc('\n', call->out);
        const char *question = arena_printf(call->arena, "This changes %s. Type its name to go on", shown);
        TRY(ask_text(call, question, "", &answer));
    }
    if (strcmp(answer, name) == 0)
        return NULL;
    return err_new(call->arena, ERR_USAGE, "%s is not the name of the target, %s: nothing was changed",
                   text_quote(call->arena, text_of(answer), 60), shown);
}

/* Rights of the operator, asked before the first step and not found missing in the middle. */
static Err *check_rights(const Resolve *resolve) {
    Arena *arena = resolve->call->arena;
    Rights rights = {0};
    ProbeContext context = resolve->subject.context;
    SessionRequest request = {.conninfo = resolve->conninfo, .most = 1};
    right_collect(arena, &resolve->issue->resolve_needs, &rights);
    if (rights.count == 0)
        return NULL;
    if (strcmp(resolve->conninfo, resolve->subject.conninfo) != 0)
        TRY(session_open(arena, &request, &context.sessions));
    TRY(right_ask(arena, &context, 1, &rights));
    const Right *lacking = right_lacking(&rights, &resolve->issue->resolve_needs);
    if (lacking == NULL)
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_PERMISSION, "the resolution needs %s: %s; nothing was changed",
                            text_safe(arena, lacking->token), lacking->text),
                    "set operator = CONNINFO below [runbook]: a role that may do it");
}

/* --- during --- */

static void on_begin(void *context, const ResolutionStep *step) {
    const Resolve *resolve = context;
    const char *before = step->block->before[0] == '\0' ? "" : text_safe(resolve->call->arena, step->block->before);
    fprintf(resolve->call->out, "\n%s %s, line %d  %s\n", resolve->call->terminal->unicode ? "▸" : ">",
            issue_kind_name(step->block->kind), step->block->line, before);
    fflush(resolve->call->out);
}

static void on_line(void *context, const char *line) {
    const Resolve *resolve = context;
    fprintf(resolve->call->out, "    %s\n", line);
    fflush(resolve->call->out);
}

static void on_end(void *context, const ResolutionStep *step) {
    const Resolve *resolve = context;
    const char *took = time_length_text(resolve->call->arena, step->elapsed);
    const char *text = step->err == NULL ? arena_printf(resolve->call->arena, "done in %s", took)
                                         : arena_printf(resolve->call->arena, "failed after %s: %s", took,
                                                        err_text(resolve->call->arena, step->err));
    terminal_item(resolve->call->out, mark(resolve, step->done ? TERMINAL_GOOD : TERMINAL_BAD), text,
                  resolve->call->terminal->width);
    fflush(resolve->call->out);
}

/* How what was done until it stopped is undone. */
static void print_undo(const Resolve *resolve) {
    const CommandCall *call = resolve->call;
    LIST_EACH (const ResolutionStep, step, resolve->resolution.steps) {
        if (!step->begun)
            terminal_item(call->out, mark(resolve, TERMINAL_NONE),
                          arena_printf(call->arena, "%s, line %d, was not begun", issue_kind_name(step->block->kind),
                                       step->block->line),
                          call->terminal->width);
        else if (step->block->undo[0] != '\0')
            terminal_item(call->out, mark(resolve, TERMINAL_WARN),
                          arena_printf(call->arena, "%s, line %d, was begun; undo: %s",
                                       issue_kind_name(step->block->kind), step->block->line,
                                       text_safe(call->arena, step->block->undo)),
                          call->terminal->width);
    }
}

static Err *run_steps(Resolve *resolve) {
    Arena *arena = resolve->call->arena;
    ResolutionRequest request = {.issue = resolve->issue,
                                 .values = resolve->subject.open.values,
                                 .conninfo = resolve->conninfo,
                                 .on_begin = on_begin,
                                 .on_line = on_line,
                                 .on_end = on_end,
                                 .context = resolve};
    TRY(probe_sh_environment(arena, resolve->conninfo, &request.environment));
    Err *err = resolution_run(arena, &request, &resolve->resolution);
    record_steps(resolve);
    json_put_bool(resolve->record, "interrupted", err != NULL);
    Err *unwritten = write_record(resolve);
    if (!resolve->resolution.done)
        print_undo(resolve);
    return err != NULL ? err : unwritten;
}

/* --- afterwards --- */

static Err *look_again(Resolve *resolve, RunbookSubject *subject, DiagnosisReport *out) {
    int64_t until = time_monotonic() + (resolve->resolution.done ? RESOLVE_PATIENCE : 0);
    for (;;) {
        *subject = resolve->subject;
        TRY(runbook_diagnose_connect(resolve->call->arena, subject));
        TRY(runbook_diagnose_issues(resolve->call->arena, subject, &resolve->issue, 1, out));
        session_close(subject->context.sessions);
        if (out->absent_count == 1 || time_monotonic() >= until)
            return NULL;
        poll(NULL, 0, RESOLVE_PAUSE_MS);
        TRY(interrupt_check(resolve->call->arena));
    }
}

static Err *verify(Resolve *resolve) {
    CommandCall *call = resolve->call;
    DiagnosisReport after;
    RunbookSubject subject;
    TRY(look_again(resolve, &subject, &after));
    RunbookView view = {.call = call, .subject = &subject, .report = &after, .resolving = true};
    json_put(resolve->record, "after", json_incref(runbook_diagnose_json_report(&view)));
    TRY(write_record(resolve));
    fprintf(call->out, "\n%s: ", terminal_paint(call->arena, call->terminal, TERMINAL_BOLD, "Diagnosed again"));
    if (after.absent_count == 1)
        fprintf(call->out, "%s %s is gone.\n", mark(resolve, TERMINAL_GOOD), resolve->issue->id);
    else
        runbook_diagnose_text_one(&view, &after.diagnoses.items[0]);
    if (after.absent_count != 1)
        fprintf(call->out, "\nNot resolved: see Escalation in lifeboat runbook show %s\n", resolve->issue->id);
    *call->status =
        resolve->resolution.done || after.absent_count != 1 ? runbook_diagnose_status(&after) : EXIT_STATUS_FAIL;
    return NULL;
}

static Err *apply(Resolve *resolve) {
    const Diagnosis *now = &resolve->before.diagnoses.items[0];
    CommandCall *call = resolve->call;
    bool force = settings_flag(call->settings, &runbook_resolve_force);
    if (issue_count(resolve->issue, ISSUE_RESOLVE) == 0) {
        fprintf(call->out, "\nNothing here can be run by lifeboat: the steps are for a person.\n");
        return NULL;
    }
    if (now->outcome != PROBE_PRESENT && !force) {
        fprintf(call->out, "\n%s %s: nothing was changed.%s\n", mark(resolve, TERMINAL_NONE),
                now->outcome == PROBE_ABSENT ? "It is not present" : "It cannot be told whether it is present",
                now->outcome == PROBE_ABSENT ? "" : " --force runs the plan all the same.");
        return NULL;
    }
    TRY(check_rights(resolve));
    TRY(confirm(resolve));
    TRY(capture(resolve));
    TRY(run_steps(resolve));
    return verify(resolve);
}

Err *runbook_resolve(CommandCall *call) {
    Resolve resolve = {.call = call};
    if (call->operand_count != 1)
        return err_hint(call->arena, err_new(call->arena, ERR_USAGE, "resolve takes the ID of one issue"),
                        "lifeboat runbook diagnose says what is present");
    TRY(runbook_diagnose_subject(call->arena, call, &resolve.subject));
    TRY(runbook_get(call->arena, resolve.subject.open.runbook, call->operands[0], &resolve.issue));
    TRY(resolution_operator(call->arena, resolve.subject.open.values, resolve.subject.conninfo, &resolve.conninfo));
    resolve.label = live_label(call->arena, resolve.conninfo);
    if (resolve.issue->broken)
        return err_hint(call->arena,
                        err_new(call->arena, ERR_DATA, "%s is broken: nothing of it is run", resolve.issue->file),
                        "lifeboat runbook check says what is wrong with it");
    TRY(runbook_diagnose_issues(call->arena, &resolve.subject, &resolve.issue, 1, &resolve.before));
    session_close(resolve.subject.context.sessions); /* the resolution may need the slots */
    RunbookView view = {.call = call, .subject = &resolve.subject, .report = &resolve.before, .resolving = true};
    runbook_diagnose_text_one(&view, &resolve.before.diagnoses.items[0]);
    runbook_resolve_plan(&view, resolve.issue, resolve.label);
    *call->status = runbook_diagnose_status(&resolve.before);
    if (settings_flag(call->settings, &runbook_resolve_apply))
        return apply(&resolve);
    if (issue_count(resolve.issue, ISSUE_RESOLVE) > 0)
        fprintf(call->out, "\nNothing was changed. --apply runs it%s.\n",
                issue_count(resolve.issue, ISSUE_MANUAL) > 0 ? " (not what is to be done by hand)" : "");
    return NULL;
}
