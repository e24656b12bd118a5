/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "sandbox/restore_parts.h"

static const char maintenance[] = "postgres";

/* Settings of a role in one database are applied when there is that database: here there is none yet. */
static bool is_of_a_database(const RestoreError *error) {
    return strstr(error->statement, " IN DATABASE ") != NULL && strstr(error->message, "does not exist") != NULL;
}

static void take_over(Restoring *restoring, const Restore *made) {
    Arena *arena = restoring->arena;
    Restore *out = restoring->out;
    for (ExplainClass class = EXPLAIN_REAL; class < EXPLAIN_CLASSES; class ++)
        out->counts[class] += made->counts[class];
    LIST_EACH (const RestoreError, error, made->errors) {
        if (!is_of_a_database(error)) {
            *LIST_PUSH(arena, out->errors) = *error;
            continue;
        }
        out->counts[error->class] -= error->count;
        restore_note(restoring, "settings of roles in one database", "the database is made after the roles");
    }
    LIST_EACH (const RestoreNote, note, made->hostile)
        *LIST_PUSH(arena, out->hostile) = *note;
    LIST_EACH (const RestoreNote, note, made->left_out)
        restore_note(restoring, note->what, note->why);
}

/* Globals that are none: whatever roles the dump refers to are made from that, as without them. */
static void tell(Restoring *restoring, const char *why) {
    restore_note(restoring, "the roles of the globals file", why);
}

Err *restore_globals(Restoring *restoring) {
    static const char *const no_extension[] = {NULL};
    Arena *arena = restoring->arena;
    RestoreRequest request = *restoring->request;
    Restore *made = ARENA_NEW(arena, Restore);
    Backup *globals = NULL;
    Explain *explain = NULL;
    if (request.globals == NULL)
        return NULL;
    Err *err = backup_open(arena, request.globals, &globals);
    if (err != NULL && err_is(err, ERR_INTERRUPTED))
        return err;
    if (err != NULL || strcmp(globals->format, "script") != 0) {
        tell(restoring, err != NULL ? err_text(arena, err) : "it is no script");
        return NULL;
    }
    TRY(explain_new(arena, no_extension, request.rules, request.rule_count, &explain));
    request.backup = globals;
    request.database = maintenance;
    request.globals = NULL;
    *made = (Restore){.stand_ins = "", .stubs = ""};
    Restoring inner = {
        .arena = arena, .request = &request, .out = made, .explain = explain, .workspace = restoring->workspace};
    inner.ends = restoring->ends;
    err = restore_script(&inner);
    restoring->broken = inner.broken;
    take_over(restoring, made);
    return err;
}
