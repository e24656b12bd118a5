/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/restore.h"

#include <string.h>

#include "base/interrupt.h"
#include "base/text.h"
#include "base/time.h"
#include "sandbox/keepout.h"
#include "sandbox/platform.h"
#include "sandbox/redact.h"
#include "sandbox/restore_parts.h"
#include "sandbox/service.h"
#include "sandbox/standin.h"

void restore_note(Restoring *restoring, const char *what, const char *why) {
    Arena *arena = restoring->arena;
    const char *printable = text_safe(arena, redact_statement(arena, text_of(what)));
    LIST_EACH (RestoreNote, note, restoring->out->left_out) {
        if (strcmp(note->what, printable) == 0)
            return;
    }
    *LIST_PUSH(arena, restoring->out->left_out) = (RestoreNote){.what = printable, .why = text_safe(arena, why)};
}

void restore_lost(Restoring *restoring, Text statements, ExplainClass class, const char *reason) {
    lost_add(restoring->arena, &restoring->out->lost, statements, class, reason);
}

/* The beginning of a statement without its secrets. A secret that the cut would split is behind what is shown. */
static const char *shown(Arena *arena, Text statement, size_t limit) {
    return text_quote(arena, text_of(redact_statement(arena, text_slice(statement, 0, 65536))), limit);
}

void restore_refuse(Restoring *restoring, const char *where, Text statement, const char *why) {
    Arena *arena = restoring->arena;
    restore_lost(restoring, statement, EXPLAIN_REFUSED, why);
    restoring->out->counts[EXPLAIN_REFUSED]++;
    if (restoring->out->hostile.count < RESTORE_ERRORS)
        *LIST_PUSH(arena, restoring->out->hostile) = (RestoreNote){
            .what = arena_printf(arena, "%s: %s", text_safe(arena, where), shown(arena, statement, 200)), .why = why};
}

static void break_off(Restoring *restoring, const char *message, const char *reason) {
    if (restoring->broken == NULL)
        restoring->broken =
            err_hint(restoring->arena, err_new(restoring->arena, ERR_LIMIT, "the restore could not go on: %s", message),
                     "%s", reason);
}

/* The built-in and the user's rules first; then: is it only about something that was not made for a reason? */
static ExplainRule explain(Restoring *restoring, const char *message, const char *statement) {
    const ExplainRule *rule = explain_error(restoring->explain, message, statement);
    if (rule != NULL)
        return *rule;
    const LostObject *lost = lost_missing(restoring->arena, &restoring->out->lost, message);
    if (lost == NULL)
        return (ExplainRule){.name = "", .class = EXPLAIN_REAL, .reason = ""};
    return (ExplainRule){.name = "consequence",
                         .class = lost->class,
                         .reason = arena_printf(restoring->arena, "a consequence: %s %s was not made (%s)", lost->kind,
                                                text_safe(restoring->arena, lost->name), lost->reason)};
}

static bool is_known(Restore *out, const ExplainRule *rule, const char *message) {
    LIST_EACH (RestoreError, known, out->errors) {
        if (known->class == rule->class && strcmp(known->message, message) == 0) {
            known->count++;
            return true;
        }
    }
    return false;
}

void restore_failed(Restoring *restoring, const char *object, const char *message, const char *statement) {
    Arena *arena = restoring->arena;
    Restore *out = restoring->out;
    const ExplainRule rule = explain(restoring, message, statement);
    const char *printable = text_safe(arena, message);
    bool consequence = strcmp(rule.name, "consequence") == 0;
    out->counts[rule.class]++;
    if (rule.class == EXPLAIN_ENVIRONMENT)
        break_off(restoring, printable, rule.reason);
    if (rule.class == EXPLAIN_REFUSED && !consequence && out->hostile.count < RESTORE_ERRORS)
        *LIST_PUSH(arena, out->hostile) = (RestoreNote){
            .what = arena_printf(arena, "%s: %s", text_safe(arena, object), shown(arena, text_of(statement), 200)),
            .why = rule.reason};
    if (rule.class != EXPLAIN_REAL && rule.class != EXPLAIN_ENVIRONMENT)
        restore_lost(restoring, text_of(statement), rule.class, rule.reason);
    if (is_known(out, &rule, printable) || out->errors.count >= RESTORE_ERRORS)
        return;
    *LIST_PUSH(arena, out->errors) = (RestoreError){.class = rule.class,
                                                    .rule = rule.name,
                                                    .reason = rule.reason,
                                                    .object = text_safe(arena, object),
                                                    .message = printable,
                                                    .statement = shown(arena, text_of(statement), 400),
                                                    .count = 1};
}

const char *restore_excuse(Arena *arena, const Restore *restore, const char *message, const char *statement) {
    const ExplainRule *rule = explain_error(restore->explain, message, statement);
    if (rule != NULL)
        return rule->class == EXPLAIN_MISSING_EXTENSION || rule->class == EXPLAIN_EXTENSION_OBJECT ||
                       rule->class == EXPLAIN_USER
                   ? rule->reason
                   : NULL;
    const LostObject *lost = lost_missing(arena, &restore->lost, message);
    return lost == NULL || lost->class == EXPLAIN_REFUSED
               ? NULL
               : arena_printf(arena, "it needs %s %s, which was not made: %s", lost->kind, text_safe(arena, lost->name),
                              lost->reason);
}

void restore_phase(Restoring *restoring, const char *name, int64_t began, int64_t ended) {
    double seconds = (double)(ended - began) / (double)TIME_SECOND;
    LIST_EACH (RestorePhase, phase, restoring->out->phases) {
        if (strcmp(phase->name, name) == 0) {
            phase->seconds += seconds;
            return;
        }
    }
    *LIST_PUSH(restoring->arena, restoring->out->phases) = (RestorePhase){.name = name, .seconds = seconds};
}

int64_t restore_time_left(const Restoring *restoring) {
    if (restoring->ends == 0)
        return 0;
    int64_t left = restoring->ends - time_monotonic();
    return left > 0 ? left : 1;
}

Err *restore_go_on(Restoring *restoring) {
    Arena *arena = restoring->arena;
    TRY(interrupt_check(arena));
    if (restoring->broken != NULL)
        return err_copy(arena, restoring->broken);
    if (restoring->ends != 0 && time_monotonic() >= restoring->ends)
        return err_hint(arena,
                        err_new(arena, ERR_TIMEOUT, "the restore did not finish within %s",
                                time_length_text(arena, restoring->request->deadline)),
                        "give it more time with --deadline, or find out what is slow");
    return NULL;
}

bool restore_is_absent(const Restoring *restoring, const char *extension) {
    LIST_EACH (const char *, absent, restoring->out->absent_extensions) {
        if (strcmp(*absent, extension) == 0)
            return true;
    }
    return false;
}

Err *restore_stand_in(Restoring *restoring, Query *query, const char *extension, const char *schema) {
    Arena *arena = restoring->arena;
    Restore *out = restoring->out;
    const char *made = "";
    TRY(standin_make(arena, query, extension, schema[0] == '\0' ? "public" : schema, &made));
    if (made[0] != '\0')
        out->stand_ins = arena_printf(arena, "%s%s%s", out->stand_ins, out->stand_ins[0] == '\0' ? "" : ", ", made);
    const char *why = keepout_extension(extension) ? "it works in the background and must not run in a sandbox"
                                                   : "it is not installed on this machine";
    if (made[0] != '\0')
        why = arena_printf(arena, "%s; its types (%s) were stood in by text, so the rows are there", why, made);
    restore_note(restoring, arena_printf(arena, "extension %s", extension), why);
    return NULL;
}

/* True the first time. */
static bool first(Restoring *restoring, InventoryNames *done, const char *database) {
    LIST_EACH (const char *, name, *done) {
        if (strcmp(*name, database) == 0)
            return false;
    }
    *LIST_PUSH(restoring->arena, *done) = database;
    return true;
}

Err *restore_stand_in_tables(Restoring *restoring, Query *query, const char *database) {
    Arena *arena = restoring->arena;
    InventoryNames made = {0};
    if (restoring->request->keep_platform || restoring->out->absent_extensions.count == 0 ||
        !first(restoring, &restoring->tabled, database))
        return NULL;
    TRY(standin_tables(arena, query, restoring->request->backup->inventory, database, &made));
    LIST_EACH (const char *, table, made)
        restore_note(restoring, arena_printf(arena, "table %s", *table),
                     "it belongs to an extension that is not here; its rows were restored into columns of text");
    return NULL;
}

Err *restore_stubs(Restoring *restoring, Query *query, const char *database) {
    Arena *arena = restoring->arena;
    const char *made = "", *before = restoring->out->stubs;
    if (restoring->request->keep_platform || restoring->request->part == RESTORE_ROWS ||
        !first(restoring, &restoring->stubbed, database))
        return NULL;
    TRY(platform_stubs(arena, query, restoring->request->backup->inventory, database, &made));
    if (made[0] != '\0')
        restoring->out->stubs = before[0] == '\0' ? made : arena_printf(arena, "%s; %s", before, made);
    return NULL;
}

/* In the dump, but not to be had here. */
static Err *find_absent(Restoring *restoring) {
    Arena *arena = restoring->arena;
    Query *query = NULL;
    PGresult *result = NULL;
    TRY(restore_server_connect(restoring, restoring->request->database, &query));
    TRY(query_run(arena, query, "SELECT name FROM pg_catalog.pg_available_extensions", NULL, &result));
    LIST_EACH (const InventoryExtension, extension, restoring->request->backup->inventory->extensions) {
        bool available = false;
        for (int row = 0; row < PQntuples(result) && !available; row++)
            available = strcmp(PQgetvalue(result, row, 0), extension->name) == 0;
        bool kept_out = !restoring->request->keep_platform && keepout_extension(extension->name);
        if ((!available || kept_out) && !restore_is_absent(restoring, extension->name))
            *LIST_PUSH(arena, restoring->out->absent_extensions) = extension->name;
    }
    size_t made = 0;
    TRY(restore_globals(restoring));
    if (!restoring->request->keep_platform) /* whoever restores in earnest has made the roles that may be made */
        TRY(platform_roles(arena, query, restoring->request->backup->inventory, &made));
    restoring->out->roles_made = made;
    return NULL;
}

static Err *prepare(Restoring *restoring) {
    Arena *arena = restoring->arena;
    TRY(service_workspace(arena, &restoring->workspace));
    TRY(find_absent(restoring));
    LIST(const char *) absent = {0};
    LIST_EACH (const char *, name, restoring->out->absent_extensions) {
        *LIST_PUSH(arena, absent) = *name;
    }
    *LIST_PUSH(arena, absent) = NULL;
    Explain *explain = NULL;
    TRY(explain_new(arena, absent.items, restoring->request->rules, restoring->request->rule_count, &explain));
    restoring->explain = restoring->out->explain = explain;
    return NULL;
}

static Err *analyze(Restoring *restoring) {
    int64_t began = time_monotonic();
    LIST_EACH (const char *, database, restoring->out->databases) {
        Query *query = NULL;
        PGresult *result = NULL;
        TRY(restore_server_connect(restoring, *database, &query));
        /* A tenth of the usual sample: only we plan by it, and samples of wide values take longer than loading them. */
        if (!restoring->request->keep_platform)
            TRY(query_run(restoring->arena, query, "SET default_statistics_target = 10", NULL, &result));
        TRY(query_try(restoring->arena, query, "ANALYZE", NULL, &result));
        if (!query_succeeded(result)) /* it reads rows and evaluates indexes */
            restore_failed(restoring, *database, query_message(result), "ANALYZE");
    }
    restore_phase(restoring, "analyze", began, time_monotonic());
    return NULL;
}

Err *restore_run(Arena *arena, const RestoreRequest *request, Restore **out) {
    int64_t began = time_monotonic();
    Restore *restore = ARENA_NEW(arena, Restore);
    *restore = (Restore){.stand_ins = "", .stubs = ""};
    Restoring restoring = {.arena = arena, .request = request, .out = restore};
    restoring.ends = request->deadline == 0 ? 0 : began + request->deadline;
    TRY(prepare(&restoring));
    TRY(strcmp(request->backup->format, "script") == 0 ? restore_script(&restoring) : restore_archive(&restoring));
    TRY(restore_go_on(&restoring));
    TRY(analyze(&restoring));
    restore->seconds = (double)(time_monotonic() - began) / (double)TIME_SECOND;
    *out = restore;
    return NULL;
}
