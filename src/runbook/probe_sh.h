/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PROBE_SH_H
#define LIFEBOAT_RUNBOOK_PROBE_SH_H

#include "base/process.h"
#include "runbook/probe.h"

/* An sh block (docs/runbook-format.md, 4.4): what it prints means present, status 0 and silence absent. */
Err *probe_sh(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out);

/* Runs a script of a block, in an empty directory that is removed afterwards; deadline 0: none. *missing is a parameter
 * without a value: then it was not run. */
typedef struct ProbeScript {
    const ParameterValues *values;
    const char *const *environment;
    Text body;
    int64_t deadline;
} ProbeScript;
Err *probe_sh_run(Arena *arena, const ProbeScript *script, ProcessResult *out);

/* libpq's variables for a connection string (PGHOST, PGUSER, ...), NULL-terminated; a password goes into a passfile in
 * a directory that is removed with the arena. */
Err *probe_sh_environment(Arena *arena, const char *conninfo, const char *const **out);

#endif
