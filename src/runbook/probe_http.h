/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PROBE_HTTP_H
#define LIFEBOAT_RUNBOOK_PROBE_HTTP_H

#include "runbook/condition.h"
#include "runbook/probe.h"

/* An http block (docs/runbook-format.md, 4.2): one request, and conditions on its answer. */
typedef struct ProbeHttp {
    const char *method;
    const char *url; /* as written */
    LIST(const char *) headers;
    const char *body; /* NULL: none */
    ConditionValue timeout;
    LIST(Conditions) present;
} ProbeHttp;

Err *probe_http_parse(Arena *arena, Text body, ProbeHttp *out);
Err *probe_http(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out);

#endif
