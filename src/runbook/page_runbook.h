/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PAGE_RUNBOOK_H
#define LIFEBOAT_RUNBOOK_PAGE_RUNBOOK_H

#include "runbook/page.h"

/* RUNBOOK.md: the ten sections in their order, the quick reference first; then the indexes by symptom and by error. */
const char *page_runbook(Arena *arena, const Runbook *runbook, const ParameterValues *values);

/* DISASTER_RECOVERY_PLAN.md: the chapters, with the scenarios behind chapter 3. */
const char *page_runbook_plan(Arena *arena, const PageRequest *request);

#endif
