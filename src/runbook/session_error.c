/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "inventory/live.h"
#include "runbook/session.h"

static const char *field(Arena *arena, const PGresult *result, int code) {
    const char *text = PQresultErrorField(result, code);
    return text == NULL ? NULL : live_error_words(arena, NULL, text);
}

/* What the server calls the things a right is missing for (aclcheck_error in catalog/aclchk.c), and what grants it. */
static const struct Grant {
    const char *kind, *grant;
} grants[] = {
    {"table ", "grant select on %s to %s"},
    {"view ", "grant select on %s to %s"},
    {"materialized view ", "grant select on %s to %s"},
    {"foreign table ", "grant select on %s to %s"},
    {"sequence ", "grant select on sequence %s to %s"},
    {"relation ", "grant select on %s to %s"},
    {"schema ", "grant usage on schema %s to %s"},
    {"function ", "grant execute on function %s to %s"},
    {"foreign server ", "grant usage on foreign server %s to %s"},
    {"type ", "grant usage on type %s to %s"},
};

static const char *grant_for(Arena *arena, const char *words, const char *role) {
    static const char denied[] = "permission denied for ";
    if (strncmp(words, denied, sizeof(denied) - 1) != 0)
        return NULL;
    const char *what = words + sizeof(denied) - 1;
    for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
        size_t length = strlen(grants[i].kind);
        if (strncmp(what, grants[i].kind, length) == 0)
            return arena_printf(arena, grants[i].grant, what + length, role);
    }
    return NULL;
}

static Err *missing_right(Arena *arena, const char *words, const char *role) {
    const char *grant = grant_for(arena, words, role);
    if (grant == NULL)
        return err_new(arena, ERR_PERMISSION, "%s lacks a right: %s", role, words);
    return err_hint(arena, err_new(arena, ERR_PERMISSION, "%s lacks a right: %s; %s", role, words, grant), "%s", grant);
}

Err *session_error(Arena *arena, const PGresult *result, const char *role) {
    const char *state = field(arena, result, PG_DIAG_SQLSTATE), *words = field(arena, result, PG_DIAG_MESSAGE_PRIMARY);
    static const char *const no_object[] = {"42P01", "42703", "42883", "3F000", "3D000"};
    if (state == NULL)
        return err_new(arena, ERR_CONNECT, "the connection broke: %s",
                       live_error_words(arena, NULL, PQresultErrorMessage(result)));
    for (size_t i = 0; i < sizeof(no_object) / sizeof(no_object[0]); i++)
        if (strcmp(state, no_object[i]) == 0)
            return err_new(arena, ERR_NOT_FOUND, "this database has no such object: %s", words);
    if (strcmp(state, "42501") == 0)
        return missing_right(arena, words, role);
    if (strcmp(state, "25006") == 0)
        return err_new(arena, ERR_PERMISSION, "the probe tries to write and was refused: %s", words);
    if (strcmp(state, "57014") == 0)
        return err_new(arena, ERR_TIMEOUT, "stopped before its end: %s", words);
    if (strcmp(state, "55P03") == 0)
        return err_new(arena, ERR_TIMEOUT, "another session holds a lock on what is asked for: not waited for");
    return err_new(arena, strncmp(state, "57P", 3) == 0 ? ERR_CONNECT : ERR_SERVER, "%s (SQLSTATE %s)", words, state);
}
