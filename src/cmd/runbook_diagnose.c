/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_diagnose.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/exit_status.h"
#include "inventory/live.h"
#include "runbook/probe_sh.h"

/* Most threads wait for an endpoint or a program; of connections to the database there are fewer. */
enum { DIAGNOSE_THREADS = 8, DIAGNOSE_CONNECTIONS = 4 };

const Option runbook_diagnose_all = {
    .name = "all",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "diagnose: every issue of the runbook (also without an ID)",
};

const Option runbook_diagnose_against = {
    .name = "against",
    .type = OPTION_SECRET,
    .argument = "CONNINFO",
    .may_be_flag = true,
    .flag_only = true,
    .summary = "diagnose, resolve: the database, in place of the target's",
    .detail = "A libpq connection string or URI without a password: a service (pg_service.conf) and a password file "
              "(~/.pgpass, PGPASSFILE) keep it out of process lists.",
};

const Option runbook_diagnose_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON; diagnose: schema lifeboat.diagnosis/1",
};

/* --- whom we speak to --- */

static Err *find_conninfo(Arena *arena, const CommandCall *call, const RunbookOpen *open, const char **out) {
    const Settings *settings = call->settings;
    *out = "";
    if (settings_given(settings, &runbook_diagnose_against)) {
        *out = settings_text(settings, &runbook_diagnose_against);
        if (live_conninfo_has_password(*out))
            return err_hint(
                arena, err_new(arena, ERR_USAGE, "--against holds a password: others can see it in the process list"),
                "put the password into ~/.pgpass or a file that PGPASSFILE names");
        return NULL;
    }
    if (open->target == NULL && open->target_count > 1)
        return err_hint(arena, err_new(arena, ERR_USAGE, "there are %zu targets: which one?", open->target_count),
                        "add --target NAME; lifeboat status lists them");
    if (open->target == NULL)
        return NULL; /* what libpq's environment says */
    *out = settings_text(open->target->settings, settings_find(open->target->settings, "against"));
    if (*out == NULL)
        return err_hint(
            arena, err_new(arena, ERR_CONFIG, "the target %s has no database", text_safe(arena, open->target->name)),
            "add against = CONNINFO to its section, or --against CONNINFO");
    return NULL;
}

static const char *first_of(const char *a, const char *b, const char *c) {
    return a != NULL && a[0] != '\0' ? a : b != NULL && b[0] != '\0' ? b : c;
}

/* As libpq finds it: dbname, PGDATABASE, else the user's name. */
static const char *database_name(Arena *arena, const char *conninfo) {
    PQconninfoOption *options = NULL;
    const char *name = NULL, *user = NULL;
    if (live_conninfo_parse(arena, conninfo, &options) != NULL)
        return "database";
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        name = strcmp(option->keyword, "dbname") == 0 ? option->val : name;
        user = strcmp(option->keyword, "user") == 0 ? option->val : user;
    }
    return first_of(first_of(name, getenv("PGDATABASE"), NULL), first_of(user, getenv("PGUSER"), NULL), "database");
}

Err *runbook_diagnose_connect(Arena *arena, RunbookSubject *subject) {
    subject->context.now = time_now();
    parameter_set_now(subject->open.values, subject->context.now);
    SessionRequest request = {.conninfo = subject->conninfo, .most = DIAGNOSE_CONNECTIONS};
    return session_open(arena, &request, &subject->context.sessions);
}

Err *runbook_diagnose_subject(Arena *arena, const CommandCall *call, RunbookSubject *out) {
    *out = (RunbookSubject){0};
    TRY(runbook_open(call, &out->open));
    TRY(find_conninfo(arena, call, &out->open, &out->conninfo));
    bool given = settings_given(call->settings, &runbook_diagnose_against);
    out->name = out->open.target != NULL && !given ? out->open.target->name : database_name(arena, out->conninfo);
    out->context.values = out->open.values;
    TRY(probe_sh_environment(arena, out->conninfo, &out->context.environment));
    return runbook_diagnose_connect(arena, out);
}

/* --- the diagnosis --- */

Err *runbook_diagnose_issues(Arena *arena, const RunbookSubject *subject, const Issue *const *issues, size_t count,
                             DiagnosisReport *out) {
    DiagnosisRequest request = {
        .context = &subject->context, .issues = issues, .count = count, .jobs = DIAGNOSE_THREADS, .looks = count == 1};
    return diagnosis_run(arena, &request, out);
}

int runbook_diagnose_status(const DiagnosisReport *report) {
    if (report->present_count > 0)
        return EXIT_STATUS_FAIL;
    return report->unknown_count > 0 || report->diagnoses.count == 0 ? EXIT_STATUS_UNKNOWN : EXIT_STATUS_OK;
}

typedef LIST(const Issue *) Chosen;

static Err *choose(const CommandCall *call, const Runbook *runbook, Chosen *out) {
    if (settings_flag(call->settings, &runbook_diagnose_all) && call->operand_count > 0)
        return err_new(call->arena, ERR_USAGE, "--all goes without an ID");
    for (size_t i = 0; i < call->operand_count; i++)
        TRY(runbook_get(call->arena, runbook, call->operands[i], LIST_PUSH(call->arena, *out)));
    if (call->operand_count > 0)
        return NULL;
    LIST_EACH (Issue *, issue, runbook->issues) {
        *LIST_PUSH(call->arena, *out) = *issue;
    }
    return NULL;
}

Err *runbook_diagnose(CommandCall *call) {
    RunbookSubject subject;
    DiagnosisReport report;
    Chosen chosen = {0};
    TRY(runbook_diagnose_subject(call->arena, call, &subject));
    TRY(choose(call, subject.open.runbook, &chosen));
    TRY(runbook_diagnose_issues(call->arena, &subject, chosen.items, chosen.count, &report));
    RunbookView view = {.call = call, .subject = &subject, .report = &report};
    if (settings_flag(call->settings, &runbook_diagnose_json))
        fprintf(call->out, "%s\n", json_render(call->arena, runbook_diagnose_json_report(&view), false));
    else if (report.diagnoses.count == 1)
        runbook_diagnose_text_one(&view, &report.diagnoses.items[0]);
    else
        runbook_diagnose_text(&view);
    *call->status = runbook_diagnose_status(&report);
    return NULL;
}
