/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_open.h"

static const Option *const options[] = {
    &runbook_open_target,
    &runbook_option_directory,
    &runbook_option_additional,
    NULL,
};

static Err *run(CommandCall *call) {
    return err_hint(call->arena, err_new(call->arena, ERR_USAGE, "runbook resolve is not built yet"),
                    "\"lifeboat runbook show ID\" has the statements");
}

const Command cmd_runbook_resolve = {
    .name = "runbook resolve",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook resolve ISSUE",
    .summary = "show or apply the resolution of an issue (not built yet)",
    .examples = "$ lifeboat runbook resolve idle-in-transaction\nWhat would be done.",
    .options = options,
    .run = run,
};
