/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RUNBOOK_JSON_H
#define LIFEBOAT_CMD_RUNBOOK_JSON_H

#include "base/json.h"
#include "runbook/runbook.h"

/* What lists and searches say of an issue: its front matter, when it was last tested, whether it is broken. */
void runbook_json_issue(const Runbook *runbook, const Issue *issue, json_t *object);

/* Problems as objects with file, line, message, hint. */
void runbook_json_problems(const IssueProblems *problems, json_t *array);

#endif
