/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/command.h"
#include "cmd/completion.h"

static Err *run(CommandCall *call) {
    TRY(command_expect_operands(call, 1, 1));
    for (const CompletionShell *shell = completion_shells; shell->name != NULL; shell++) {
        if (strcmp(shell->name, call->operands[0]) != 0)
            continue;
        Buf *out = buf_new(call->arena, 16 << 20);
        shell->render(call->arena, out);
        fwrite(out->at, 1, out->length, call->out);
        return NULL;
    }
    return err_hint(call->arena,
                    err_new(call->arena, ERR_USAGE, "there is no completion for %s",
                            text_quote(call->arena, text_of(call->operands[0]), 60)),
                    "one of: bash zsh fish");
}

const Command cmd_completion = {
    .name = "completion",
    .group = COMMAND_GROUP_HELP,
    .synopsis = "completion SHELL",
    .summary = "print a completion script for bash, zsh or fish",
    .examples =
        "$ source <(lifeboat completion bash)\nFor this shell only.\n"
        "$ lifeboat completion bash > ~/.local/share/bash-completion/completions/lifeboat\nFor every new bash.\n"
        "$ lifeboat completion zsh > ~/.zfunc/_lifeboat\nFor zsh, with ~/.zfunc in $fpath.\n"
        "$ lifeboat completion fish > ~/.config/fish/completions/lifeboat.fish\nFor fish.",
    .run = run,
};
