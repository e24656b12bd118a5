/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_NOT_TESTED_H
#define LIFEBOAT_VERDICT_NOT_TESTED_H

#include "verdict/report.h"

/* Fills report->not_tested: what the verification did not look at, and why. Skipped checks, and what no reading of a
 * dump can show. Call when the checks have run. */
void not_tested_fill(CheckContext *context, Report *report);

#endif
