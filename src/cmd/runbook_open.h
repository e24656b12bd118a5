/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RUNBOOK_OPEN_H
#define LIFEBOAT_CMD_RUNBOOK_OPEN_H

#include "cmd/command.h"
#include "cmd/target.h"
#include "runbook/runbook.h"

/*
 * What every subcommand of `lifeboat runbook` begins with: the configuration, the runbook that it or --runbook names
 * (the compiled-in one otherwise), the target, and the parameters' values for it. Nothing here connects anywhere.
 *
 * A command lists those of runbook_option_directory, runbook_option_additional, runbook_option_plan and
 * runbook_open_target that it has; one it leaves out counts as not given.
 */
extern const Option runbook_open_target; /* --target NAME */

typedef struct RunbookOpen {
    Config *config;
    Runbook *runbook;
    const char *target_name; /* NULL: no target is configured, or several and none was named */
    const Target *target;    /* with its settings, only by runbook_open; NULL as above */
    size_t target_count;     /* targets in the configuration */
    ParameterValues *values;
    const char *directory; /* of the runbook, NULL for the built-in one */
    const char *plan;      /* the directory of the plan, NULL for the built-in one */
} RunbookOpen;

Err *runbook_open(const CommandCall *call, RunbookOpen *out);

/* The same for those who only read the runbook: the target's settings are not looked at, its secrets not read. */
Err *runbook_open_to_read(const CommandCall *call, RunbookOpen *out);

#endif
