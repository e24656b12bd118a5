/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/resolution.h"

#include <string.h>

#include "base/interrupt.h"
#include "runbook/binding.h"
#include "runbook/probe_sh.h"

enum { RESOLUTION_GENERATED = 10000, RESOLUTION_LINES = 200 };

Err *resolution_operator(Arena *arena, const ParameterValues *values, const char *conninfo, const char **out) {
    ParameterType type = PARAMETER_CONNINFO;
    const char *value = NULL;
    if (parameter_type(parameter_declared(values), "operator", &type))
        TRY(parameter_value(arena, values, "operator", &value));
    *out = value == NULL || value[0] == '\0' ? conninfo : value;
    return NULL;
}

typedef struct Runner {
    Arena *arena;
    const ResolutionRequest *request;
    ResolutionStep *step;
} Runner;

static void say(const Runner *runner, Text line) {
    ProbeAnswer made = {0};
    if (runner->step->said.count >= RESOLUTION_LINES)
        return;
    probe_say(runner->arena, &made, line);
    *LIST_PUSH(runner->arena, runner->step->said) = made.evidence.items[0];
    if (runner->request->on_line != NULL)
        runner->request->on_line(runner->request->context, made.evidence.items[0]);
}

/* As psql's \gexec: every value is a statement; what each is, is said before it runs. */
static Err *run_generated(const Runner *runner, PGconn *connection, const SessionTexts *statements) {
    if (statements->count == 0)
        say(runner, TEXT("nothing to do: the statement returned no rows"));
    if (statements->count > RESOLUTION_GENERATED)
        return err_new(runner->arena, ERR_LIMIT, "%zu statements are more than anybody can have meant",
                       statements->count);
    LIST_EACH (const char *, statement, *statements) {
        const char *said = "";
        say(runner, text_of(*statement));
        TRY(session_write_run(runner->arena, connection, &(SessionQuestion){.sql = *statement}, NULL, &said));
    }
    return NULL;
}

static Err *run_sql(const Runner *runner) {
    Binding binding;
    SessionTexts texts = {0};
    SessionQuestion question = {0};
    PGconn *connection = NULL;
    const char *missing = NULL, *said = "";
    const ResolutionRequest *request = runner->request;
    const IssueBlock *block = runner->step->block;
    bool generates = false;
    TRY(binding_make(runner->arena, ISSUE_SQL, (Text){block->body, block->length}, &binding));
    TRY(binding_values(runner->arena, &binding, request->values, &question.values, &missing));
    if (missing != NULL)
        return err_new(runner->arena, ERR_CONFIG, "%s", parameter_unset_text(runner->arena, request->values, missing));
    question.count = binding.names.count;
    question.sql = text_dup(runner->arena, binding_statement(text_of(binding.text), &generates));
    TRY(session_write_open(runner->arena, request->conninfo, &connection));
    TRY(session_write_run(runner->arena, connection, &question, &texts, &said));
    if (generates)
        return run_generated(runner, connection, &texts);
    for (size_t i = 0; i < texts.count; i++)
        say(runner, text_of(texts.items[i]));
    say(runner, text_of(said));
    return NULL;
}

static void say_lines(const Runner *runner, const Buf *bytes) {
    Text rest = text_trim(buf_view(bytes));
    while (rest.length > 0) {
        Text line = text_cut(rest, '\n', &rest);
        if (text_trim(line).length > 0)
            say(runner, line);
    }
}

static Err *run_sh(const Runner *runner) {
    ProcessResult result = {0};
    const IssueBlock *block = runner->step->block;
    ProbeScript script = {.values = runner->request->values,
                          .environment = runner->request->environment,
                          .body = {block->body, block->length}};
    TRY(probe_sh_run(runner->arena, &script, &result));
    say_lines(runner, result.output);
    say_lines(runner, result.errors);
    if (result.signal != 0)
        return err_new(runner->arena, ERR_PROCESS, "the script was ended by signal %d", result.signal);
    return result.status == 0 ? NULL
                              : err_new(runner->arena, ERR_PROCESS, "the script ended with status %d", result.status);
}

static Err *run_step(Arena *arena, const ResolutionRequest *request, ResolutionStep *step) {
    Runner runner = {.arena = arena, .request = request, .step = step};
    int64_t started = time_monotonic();
    step->begun = true;
    if (request->on_begin != NULL)
        request->on_begin(request->context, step);
    Err *err = interrupt_check(arena);
    if (err == NULL && step->block->kind != ISSUE_SQL && step->block->kind != ISSUE_SH)
        err = err_new(arena, ERR_DATA, "a resolution is sql or sh");
    else if (err == NULL)
        err = step->block->kind == ISSUE_SQL ? run_sql(&runner) : run_sh(&runner);
    step->elapsed = time_monotonic() - started;
    step->err = err;
    step->done = err == NULL;
    if (request->on_end != NULL)
        request->on_end(request->context, step);
    return err != NULL && err_is(err, ERR_INTERRUPTED) ? err : NULL;
}

Err *resolution_run(Arena *arena, const ResolutionRequest *request, Resolution *out) {
    *out = (Resolution){0};
    LIST_EACH (const IssueBlock, block, request->issue->blocks) {
        if (block->role == ISSUE_RESOLVE)
            *LIST_PUSH(arena, out->steps) = (ResolutionStep){.block = block};
    }
    LIST_EACH (ResolutionStep, step, out->steps) {
        TRY(run_step(arena, request, step));
        if (!step->done)
            return NULL;
    }
    out->done = true;
    return NULL;
}
