/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/help.h"

static Err *run(CommandCall *call) {
    if (call->operand_count == 0) {
        help_overview(call->arena, call->out, call->terminal);
        return NULL;
    }
    size_t used = 0;
    const Command *command = command_find_words(call->operands, call->operand_count, &used);
    if (command == NULL)
        return command_unknown(call->arena, call->operands[0]);
    TRY(command_expect_operands(call, 0, used));
    help_command(call->arena, call->out, call->terminal, command);
    return NULL;
}

const Command cmd_help = {
    .name = "help",
    .group = COMMAND_GROUP_HELP,
    .synopsis = "help [COMMAND]",
    .summary = "list the commands, or explain one",
    .examples =
        "$ lifeboat help\nEvery command in one line.\n$ lifeboat help verify\nExamples and options of one command; "
        "the same as \"lifeboat verify --help\".",
    .run = run,
};
