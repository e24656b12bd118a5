/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_VERIFY_H
#define LIFEBOAT_VERDICT_VERIFY_H

#include "verdict/report.h"

/*
 * One verification from start to report: open, read, look at the live side, run the checks, judge. Prints nothing.
 */
typedef struct VerifyRequest {
    const char *path;         /* one backup */
    const char *missing;      /* set instead of path when no backup was found: why ("no backup in /backups") */
    const char *target;       /* "" without configuration */
    const Settings *settings; /* verify_options and every check's options declared */
    const History *history;   /* NULL: no history is kept */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total); /* may be NULL */
    void *context;
} VerifyRequest;

/* Options of the verification itself: against, jobs, estimate_above, digests, strict, ... NULL-terminated. */
extern const Option *const verify_options[];

/* An error only when interrupted or misconfigured: everything else is a report. */
Err *verify_run(Arena *arena, const VerifyRequest *request, Report **out);

#endif
