/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PLAN_H
#define LIFEBOAT_RUNBOOK_PLAN_H

#include "runbook/issue.h"
#include "runbook/parameter.h"

/*
 * Plan: the disaster recovery plan (docs/runbook-format.md, section 7): chapters, which are text, and scenarios, whose
 * blocks a drill can execute. Compiled in, as the runbook is; it uses the runbook's parameters.
 *
 * In the order of the document: chapters by their name, the scenarios by their number behind chapter 3.
 */
typedef struct Plan {
    const char *origin; /* "built in", or the directory */
    LIST(Issue *) issues;
    IssueProblems problems;
} Plan;

/* `directory` NULL: the one that is compiled in. */
Err *plan_load(Arena *arena, const char *directory, Plan **out);

/* A scenario by its id or number, a chapter by the name of its file without .md or by its number. ERR_USAGE, with a
 * suggestion, when there is none. */
Err *plan_get(Arena *arena, const Plan *plan, const char *name, const Issue **out);

/* Scenarios have blocks and front matter; the others are chapters. */
bool plan_is_scenario(const Issue *issue);

/* The name under which plan_get finds it. */
const char *plan_name(Arena *arena, const Issue *issue);

/* What `plan check` refuses beyond what reading finds: blocks, steps without time, more time than the objective. */
void plan_lint(Arena *arena, Plan *plan, const Parameters *parameters);

#endif
