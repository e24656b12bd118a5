/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_VERDICT_H
#define LIFEBOAT_VERDICT_VERDICT_H

#include "verdict/report.h"

/*
 * From findings to an answer: a pure function of the check results.
 *
 * fail when any check failed; else unknown when a check that was asked for could not look, or when nothing was looked
 * at; else warn when any warned; else pass. `strict` turns warn into fail. The proof level is the highest rung whose
 * every check, and every check of the rungs below, ran and held (pass or warn); a skipped check holds its rung back
 * only when it is listed as required for it, see verdict.c.
 */
void verdict_judge(Report *report, bool strict);

#endif
