/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RUNBOOK_OPEN_H
#define LIFEBOAT_CMD_RUNBOOK_OPEN_H

#include "cmd/command.h"
#include "cmd/target.h"
#include "runbook/runbook.h"

/*
 * What every subcommand of `lifeboat runbook` begins with: the configuration, the runbook that it or --runbook names
 * (the compiled-in one otherwise), the target, and the parameters' values for it. Nothing here connects anywhere.
 */
extern const Option runbook_open_directory;  /* --runbook DIR */
extern const Option runbook_open_additional; /* --add-runbook DIR,... */
extern const Option runbook_open_target;     /* --target NAME */

typedef struct RunbookOpen {
    Config *config;
    Runbook *runbook;
    const Target *target; /* NULL: no target is configured, or several and none was named */
    size_t target_count;  /* targets in the configuration */
    ParameterValues *values;
} RunbookOpen;

/* The call's command must list the three options above (those it leaves out count as not given). */
Err *runbook_open(const CommandCall *call, RunbookOpen *out);

#endif
