/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_open.h"

static const Option *const options[] = {
    &runbook_open_target,
    &runbook_option_directory,
    &runbook_option_additional,
    NULL,
};

static Err *run(CommandCall *call) {
    return err_hint(call->arena, err_new(call->arena, ERR_USAGE, "runbook diagnose is not built yet"),
                    "\"lifeboat runbook show ID\" has the statements");
}

const Command cmd_runbook_diagnose = {
    .name = "runbook diagnose",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook diagnose [ISSUE ...]",
    .summary = "ask which issues are present (not built yet)",
    .examples = "$ lifeboat runbook diagnose\nAll of them.",
    .options = options,
    .run = run,
};
