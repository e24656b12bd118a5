/* SPDX-License-Identifier: PostgreSQL */
#include "base/file.h"
#include "cmd/runbook_open.h"
#include "cmd/runbook_render.h"
#include "runbook/page_runbook.h"

static const Option *const options[] = {
    &runbook_render_out, &runbook_open_target, &runbook_option_directory, &runbook_option_additional, NULL,
};

static Err *run(CommandCall *call) {
    RunbookOpen open;
    TRY(command_expect_operands(call, 0, 0));
    TRY(runbook_open_to_read(call, &open));
    return runbook_render_put(call, page_runbook(call->arena, open.runbook, open.values));
}

const Command cmd_runbook_render = {
    .name = "runbook render",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook render",
    .summary = "write the whole runbook as one Markdown file",
    .detail =
        "Ten sections, the quick reference first, then an index by symptom and one by error message. The values of "
        "your configuration stand in it: print it, and keep it where it can be read when nothing works. The same "
        "runbook and configuration give the same bytes.",
    .examples = "$ lifeboat runbook render --out RUNBOOK.md\nFor the repository, the wiki or a printer.\n"
                "$ lifeboat runbook render --target production\nWith the values of one target.",
    .options = options,
    .run = run,
};
