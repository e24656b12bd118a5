/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_resolve.h"

static const Option *const options[] = {
    &runbook_resolve_apply,    &runbook_resolve_confirm,  &runbook_resolve_force,     &runbook_open_target,
    &runbook_diagnose_against, &runbook_option_directory, &runbook_option_additional, NULL,
};

const Command cmd_runbook_resolve = {
    .name = "runbook resolve",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook resolve ISSUE [--apply]",
    .summary = "show what resolves an issue; with --apply, do it",
    .detail =
        "Diagnoses the issue and shows the plan: each step with its precondition, whom it touches, how it is undone, "
        "and "
        "the commands with your values in them. Nothing is changed.\n\n"
        "--apply runs it when the issue is present (--force: also when it is not): asks for the target's name, or "
        "takes "
        "it from --confirm; keeps what was seen in a file below the store's directory; runs the steps in order and "
        "stops "
        "at the first that fails; then diagnoses again, for up to 10 s. Ctrl-C cancels the running step and says what "
        "was "
        "done. Steps marked \"by hand\" are never run.\n\n"
        "The steps connect with the parameter operator ([runbook] operator = CONNINFO) when it is set, so that the "
        "diagnosis can keep a role that may only read.\n\n"
        "Exit status: as that of the last diagnosis: 0 when the issue is absent, 1 when it is present, 2 when that "
        "cannot "
        "be told; 1 also when a step failed.",
    .examples = "$ lifeboat runbook resolve idle-in-transaction\nWhat would be done.\n"
                "$ lifeboat runbook resolve idle-in-transaction --apply\nDoes it, after you typed the target's name.",
    .options = options,
    .run = runbook_resolve,
};
