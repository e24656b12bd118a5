/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PROBE_H
#define LIFEBOAT_RUNBOOK_PROBE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "runbook/issue.h"
#include "runbook/parameter.h"
#include "runbook/session.h"

/*
 * Probe: one executable block that looks. It answers present, absent, or cannot tell with the reason; whatever goes
 * wrong is "cannot tell", never "absent".
 *
 * Each kind has its file, which returns an Err when it could not tell: the error's words are the reason. Only
 * ERR_INTERRUPTED is an error of probe_run itself.
 */
typedef enum ProbeOutcome {
    PROBE_PRESENT,
    PROBE_ABSENT,
    PROBE_UNKNOWN,
    PROBE_UNSET, /* not asked: a parameter has no value */
} ProbeOutcome;

typedef LIST(const char *) ProbeLines;

typedef struct ProbeAnswer {
    ProbeOutcome outcome;
    const char *reason;  /* unknown and unset, else NULL; one line, safe to print */
    ProbeLines evidence; /* what was seen; lines safe to print */
    int64_t elapsed;     /* microseconds */
} ProbeAnswer;

typedef struct ProbeLogShared ProbeLogShared;

/* Whom the questions go to. One for a whole diagnosis; any thread may use it. */
typedef struct ProbeContext {
    const ParameterValues *values;
    Time now;                       /* the start of the diagnosis: {{now}}, and what windows end at */
    SessionPool *sessions;          /* for sql */
    ProbeLogShared *logs;           /* for log: files that several blocks ask, read once (probe_log_share); or NULL */
    const char *const *environment; /* for sh: libpq's variables, NULL-terminated NAME=value */
} ProbeContext;

enum { PROBE_ROWS = 20, PROBE_LINE = 300 };

Err *probe_run(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out);

/* "present", "absent", "cannot tell", "not asked". */
const char *probe_outcome_text(ProbeOutcome outcome);

/* Reads a block as far as that is possible without values: ERR_DATA with what is wrong in it. */
Err *probe_check(Arena *arena, const IssueBlock *block);

/* Adds a line of evidence: made safe, at most PROBE_LINE bytes of it. */
void probe_say(Arena *arena, ProbeAnswer *answer, Text line);

/* Where a value goes: what it may hold and how it is written there. */
typedef enum ProbeUse {
    PROBE_IN_PATH,   /* as it is */
    PROBE_IN_URL,    /* percent-encoded, unless it is a url that stands first */
    PROBE_IN_HEADER, /* as it is; the only place for a secret */
    PROBE_IN_BODY,   /* as it is */
} ProbeUse;

/* A template with its {{name}} replaced. Control characters in a value, and a secret in the wrong place, are errors. */
Err *probe_fill(Arena *arena, const ParameterValues *values, const char *template, ProbeUse use, const char **out);

/* A condition or an address as people see it: with the values as they were written. */
const char *probe_shown(Arena *arena, const ParameterValues *values, const char *template);

/* "key: value" lines of a block; false at the end. Empty lines are passed over; a line without colon has value.at NULL.
 */
bool probe_next_line(Text *rest, Text *key, Text *value);

#endif
