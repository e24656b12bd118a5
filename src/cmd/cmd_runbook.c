/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/exit_status.h"
#include "cmd/help.h"
#include "cmd/runbook_open.h"

static Err *run(CommandCall *call) {
    const Command *command = command_find("runbook");
    if (call->operand_count > 0)
        return command_unknown_sub(call->arena, command, call->operands[0]);
    help_command(call->arena, call->out, call->terminal, command);
    *call->status = EXIT_STATUS_USAGE;
    return NULL;
}

const Command cmd_runbook = {
    .name = "runbook",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook SUBCOMMAND",
    .summary = "find out what is broken, and how it is repaired",
    .detail = "The runbook is built into the program: it can be read and searched from any directory, without "
              "configuration and with the database down. People read its issues, lifeboat executes the same text: "
              "the diagnosis only looks, a resolution is shown before anything is done.\n\n"
              "[runbook] in the configuration gives addresses, people and thresholds (\"lifeboat runbook "
              "parameters\"), and may add issues of your own (add_runbook).",
    .examples = "$ lifeboat runbook diagnose\nWhat is wrong, ranked, and what to read first.\n"
                "$ lifeboat runbook search 'canceling statement due to statement timeout'\nThe issue with that error.\n"
                "$ lifeboat runbook show statement-timeouts\nIts page, with your addresses and thresholds.\n"
                "$ lifeboat runbook resolve statement-timeouts\nWhat would be done; nothing is changed.",
    .run = run,
};
