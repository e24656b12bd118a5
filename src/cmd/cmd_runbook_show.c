/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/log.h"
#include "cmd/markdown_text.h"
#include "cmd/runbook_open.h"
#include "runbook/page.h"

static const Option as_markdown = {
    .name = "markdown",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as Markdown",
};

static const Option *const options[] = {
    &runbook_open_target, &as_markdown, &runbook_option_directory, &runbook_option_additional, NULL,
};

/* An issue, or the introduction of a section. */
static Err *find(const CommandCall *call, const Runbook *runbook, const Issue **out) {
    LIST_EACH (const RunbookSection, section, runbook->sections) {
        *out = section->index;
        if (strcmp(section->name, call->operands[0]) == 0 && section->index != NULL)
            return NULL;
    }
    return runbook_get(call->arena, runbook, call->operands[0], out);
}

static Err *run(CommandCall *call) {
    RunbookOpen open;
    const Issue *issue = NULL;
    TRY(command_expect_operands(call, 1, 1));
    TRY(runbook_open_to_read(call, &open));
    TRY(find(call, open.runbook, &issue));
    PageRequest request = {.runbook = open.runbook, .values = open.values, .facts = true};
    const char *text = page_text(call->arena, &request, issue);
    if (settings_flag(call->settings, &as_markdown))
        fputs(text, call->out);
    else
        markdown_text(call->arena, call->out, call->terminal, text);
    if (issue->broken)
        log_warning("this issue is broken, lifeboat does not execute it", "file",
                    issue_place(call->arena, issue, issue->problems.items[0].line), "problem",
                    issue->problems.items[0].message, NULL);
    return NULL;
}

const Command cmd_runbook_show = {
    .name = "runbook show",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook show ISSUE",
    .summary = "show one issue: symptoms, diagnosis, resolution, escalation",
    .detail =
        "The values of your configuration stand in the place of the parameters, so that every block can be pasted "
        "into psql or a shell as it is; one that has no value is shown as <name>. ISSUE is the id of an issue, or "
        "a section: quick-reference has contacts, addresses and where to start.",
    .examples = "$ lifeboat runbook show idle-in-transaction\nThe page of one issue.\n"
                "$ lifeboat runbook show quick-reference\nIt is down: whom to call, and where to start.",
    .options = options,
    .run = run,
};
