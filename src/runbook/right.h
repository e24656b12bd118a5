/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_RIGHT_H
#define LIFEBOAT_RUNBOOK_RIGHT_H

#include "runbook/probe.h"

/*
 * Rights without which an empty answer means nothing (docs/runbook-format.md, section 5): role:NAME, bypassrls,
 * superuser, select:SCHEMA.TABLE, extension:NAME, tool:NAME, version:N.
 */
typedef enum RightState { RIGHT_HELD, RIGHT_MISSING, RIGHT_UNKNOWN } RightState;

typedef struct Right {
    const char *token;
    RightState state;
    const char *text; /* missing: what to do about it; unknown: why; one line, safe to print */
} Right;

typedef LIST(Right) Rights;

/* Adds those of the list that are not there yet, not asked. */
void right_collect(Arena *arena, const IssueNames *tokens, Rights *rights);

/* Asks for all of them, several at a time. The only error is ERR_INTERRUPTED. */
Err *right_ask(Arena *arena, const ProbeContext *context, int jobs, Rights *rights);

/* The first of the tokens that is not held, or NULL. */
const Right *right_lacking(const Rights *rights, const IssueNames *tokens);

/* False for a token of no known form. */
bool right_is(const char *token);

#endif
