/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PROBE_SQL_H
#define LIFEBOAT_RUNBOOK_PROBE_SQL_H

#include "runbook/probe.h"

/* An sql block (docs/runbook-format.md, 4.1): rows mean present, and are the evidence. */
Err *probe_sql(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out);

#endif
