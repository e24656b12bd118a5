/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_RESOLUTION_H
#define LIFEBOAT_RUNBOOK_RESOLUTION_H

#include "runbook/diagnosis.h"

/*
 * Resolution: the resolve blocks of an issue, run in their order. The first that fails ends it: those behind it may
 * rest on what it should have done. It runs with the operator's connection (the parameter `operator`), else with the
 * target's own.
 */
typedef struct ResolutionStep {
    const IssueBlock *block;
    bool begun, done;
    const Err *err;  /* why it failed, NULL when it did not (or did not begin) */
    ProbeLines said; /* statements run, tags, output; safe to print */
    int64_t elapsed;
} ResolutionStep;

typedef struct ResolutionRequest {
    const Issue *issue;
    const ParameterValues *values;
    const char *conninfo;           /* of the operator */
    const char *const *environment; /* probe_sh_environment of it */
    /* Told before a step begins, for every line that it says, and when it has ended. */
    void (*on_begin)(void *context, const ResolutionStep *step);
    void (*on_line)(void *context, const char *line);
    void (*on_end)(void *context, const ResolutionStep *step);
    void *context;
} ResolutionRequest;

typedef struct Resolution {
    LIST(ResolutionStep) steps; /* of all resolve blocks, also those that were not begun */
    bool done;                  /* every one of them */
} Resolution;

/* The connection that resolutions use: the parameter `operator` when it has a value, else `conninfo`. */
Err *resolution_operator(Arena *arena, const ParameterValues *values, const char *conninfo, const char **out);

/* A failing step is in the result; the only error is ERR_INTERRUPTED, with what was done until then in `out`. */
Err *resolution_run(Arena *arena, const ResolutionRequest *request, Resolution *out);

#endif
