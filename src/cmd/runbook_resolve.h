/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RUNBOOK_RESOLVE_H
#define LIFEBOAT_CMD_RUNBOOK_RESOLVE_H

#include "cmd/runbook_diagnose.h"
#include "runbook/resolution.h"

/* `lifeboat runbook resolve ID [--apply]`; the operands begin behind the word resolve. */
Err *runbook_resolve(CommandCall *call);

/* Its rows, beside runbook_diagnose_against and those of runbook_open.h. */
extern const Option runbook_resolve_apply;   /* --apply */
extern const Option runbook_resolve_confirm; /* --confirm NAME */
extern const Option runbook_resolve_force;   /* --force */

/* ---- runbook_resolve_plan.c ---- */

/* What would be done: every step with its precondition, whom it touches, how it is undone, and the commands. */
void runbook_resolve_plan(const RunbookView *view, const Issue *issue, const char *operator_label);

#endif
