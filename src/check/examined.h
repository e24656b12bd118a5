/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_EXAMINED_H
#define LIFEBOAT_CHECK_EXAMINED_H

#include "check/check.h"
#include "sandbox/examine.h"

/*
 * Examined: what the checks of a restored copy have in common. One probe of sandbox/examine.h becomes one check: each
 * fact a finding, a probe that could not look unknown, a restore that nobody asked for skipped.
 */
typedef struct ExaminedProbe {
    ExamineProbe probe;
    const CheckFinding *finding;
    const char *noun;     /* of what was looked at: "foreign key" */
    const char *nouns;    /* its plural where an s does not make one: "tables with policies"; else NULL */
    const char *expected; /* for the line of the report: "no orphans" */
    bool optional;        /* the probe may be left out without anybody being worried: then it is skipped, not unknown */
} ExaminedProbe;

void examined_run(CheckContext *context, CheckResult *result, const ExaminedProbe *probe);

/* Why the checks of a restored copy are skipped when nobody asked for one. */
extern const char examined_not_asked[];

/* True, and the status is set, when there is no restored copy to look at. */
bool examined_blind(CheckContext *context, CheckResult *result);

#endif
