/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PROBE_LOG_H
#define LIFEBOAT_RUNBOOK_PROBE_LOG_H

#include "runbook/condition.h"
#include "runbook/probe.h"

/*
 * A log block (docs/runbook-format.md, 4.3): counts lines of a file or of the journal within a window before now.
 *
 * However large the file is, at most its last 64 MiB are read, in pieces of 1 MiB, and of those only what is needed:
 * the reading begins where lines are older than the window. What was not read is never taken for empty.
 */
typedef struct ProbeLog {
    const char *file; /* as written: a path, {{name}}, or journal:UNIT */
    ConditionValue window;
    LIST(Conditions) match, of, present;
    ConditionPath group; /* empty when the group is a pattern, or there is none */
    regex_t *group_pattern;
} ProbeLog;

Err *probe_log_parse(Arena *arena, Text body, ProbeLog *out);
/* Files that more than one probe of these issues asks are read once for all of them, by whoever asks first: parsing a
 * busy log costs a second or two, and dozens of issues look at the application's. Blocks that cannot be read or bound
 * are left to say so themselves. */
ProbeLogShared *probe_log_share(Arena *arena, const ProbeContext *context, const Issue *const *issues, size_t count);

Err *probe_log(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out);

#endif
