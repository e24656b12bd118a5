/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_VERIFY_H
#define LIFEBOAT_VERDICT_VERIFY_H

#include "verdict/prove.h"
#include "verdict/report.h"

/*
 * One verification from start to report: open, read, look at the live side, run the checks, judge. Prints nothing.
 */
typedef struct VerifyRequest {
    const char *path;    /* one backup, or where one was looked for */
    const Err *obstacle; /* why there is nothing to open (verdict/selection.h), or what became of an earlier attempt */
    const char *target;  /* "" without configuration */
    const char *against; /* conninfo of the live database; NULL: none was given */
    const Settings *settings;      /* the rows of verify_declare_options */
    const History *history;        /* NULL: no history is kept */
    const ProveSections *sections; /* questions and rules of the configuration; NULL: none */
    /* What is being done ("reading", bytes; "counting", tables) and how far; any thread, may be NULL. */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total);
    void *context;
} VerifyRequest;

/* Options of the verification itself, NULL-terminated. */
extern const Option *const verify_options[];
extern const Option verify_against; /* conninfo of the live database */

/* verify_options and the options of every check. */
void verify_declare_options(Settings *settings);

/* An error only when interrupted or misconfigured: everything else is a report. */
Err *verify_run(Arena *arena, const VerifyRequest *request, Report **out);

#endif
