/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RUNBOOK_PROBLEMS_H
#define LIFEBOAT_CMD_RUNBOOK_PROBLEMS_H

#include "cmd/command.h"
#include "runbook/issue.h"

/* What `runbook check` and `plan check` say. */
void runbook_problems_add(Arena *arena, IssueProblems *to, const IssueProblems *from);

/* "file:line: what" and the hint for each, or that all is well; sets the exit status. `summary` says what was looked
 * at. */
void runbook_problems_print(CommandCall *call, const IssueProblems *problems, const char *summary, bool as_json);

#endif
