/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_ADVICE_H
#define LIFEBOAT_RUNBOOK_ADVICE_H

#include "runbook/runbook.h"
#include "verdict/report.h"

/*
 * Advice: from a finding to the issue of the runbook that says what to do. The built-in runbook is asked: it is there
 * whatever the configuration says.
 */

/* "The runbook has it: lifeboat runbook show ID", or NULL when no issue names the finding. */
const char *advice_of_finding(Arena *arena, const char *finding);

/* Adds it to the next step of a report: of the worst finding that an issue names. Nothing for a report without. */
void advice_add(Arena *arena, Report *report);

#endif
