/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/command.h"
#include "notify/notify.h"

static Err *run(CommandCall *call) {
    Arena *arena = call->arena;
    Config *config = NULL;
    StoreSetup setup;
    Store *store = NULL;
    size_t sent = 0;
    TRY(command_expect_operands(call, 0, 1));
    TRY(command_read_config(call, &config));
    TRY(store_setup_to_look(arena, config, &setup));
    /* A channel can be tried without a store: all that is lost is the note that it works again. */
    if (store_open(arena, setup.directory, &store) != NULL)
        store = NULL;
    Err *err = notify_test(arena, config, store, call->operand_count == 0 ? "" : call->operands[0], &sent);
    if (sent > 0)
        fprintf(call->out, "%s %zu test message%s sent: look whether %s arrived.\n",
                terminal_mark(arena, call->terminal, TERMINAL_GOOD), sent, sent == 1 ? "" : "s",
                sent == 1 ? "it" : "they");
    return err;
}

const Command cmd_notify_test = {
    .name = "notify-test",
    .group = COMMAND_GROUP_SETUP,
    .synopsis = "notify-test [CHANNEL]",
    .summary = "send a test message to the channels of the configuration",
    .detail =
        "Sends one message to every [notify NAME] channel, or to the one named, with the same retries as a real one. "
        "The exit status is 0 only when all of them were accepted.",
    .examples =
        "$ lifeboat notify-test\nTries every channel.\n$ lifeboat notify-test ops\nTries the channel of the section "
        "[notify ops].",
    .run = run,
};
