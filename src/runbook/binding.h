/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_BINDING_H
#define LIFEBOAT_RUNBOOK_BINDING_H

#include "base/err.h"
#include "base/list.h"
#include "runbook/issue.h"
#include "runbook/parameter.h"

/*
 * Binding: a block made ready so that no value ever becomes part of a program. In SQL {{x}} turns into $1, one number
 * for each name; in sh into "$RB_x". Comments of SQL are left as they are and use nothing. What an http or a log block
 * uses is only listed: its text stays as it was written.
 */
typedef struct Binding {
    const char *text;
    LIST(const char *) names; /* used, each once; the first is $1 */
} Binding;

/* ERR_DATA for a placeholder inside quotes of SQL. */
Err *binding_make(Arena *arena, IssueKind kind, Text body, Binding *out);

/* Values in the order of the names, NULL-terminated. `missing` is the first name without a value (then the values are
 * incomplete), or NULL. ERR_CONFIG for a secret: it may stand in a header only. */
Err *binding_values(Arena *arena, const Binding *binding, const ParameterValues *values, const char *const **out,
                    const char **missing);

/* A statement without what ends it; *generates when that is \gexec. */
Text binding_statement(Text sql, bool *generates);

#endif
