/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cmd/exit_status.h"
#include "cmd/runbook_json.h"
#include "cmd/runbook_open.h"
#include "cmd/runbook_problems.h"
#include "runbook/lint.h"
#include "runbook/plan.h"

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON",
};

static const Option inject = {
    .name = "inject",
    .type = OPTION_PATH,
    .argument = "DIR",
    .flag_only = true,
    .summary = "refuse an issue without a proof in this directory (tests/runbook/inject)",
    .detail = "Without it: tests/runbook/inject beside the runbook's directory, when there is one.",
};

static const Option *const options[] = {
    &as_json, &inject, &runbook_option_directory, &runbook_option_additional, &runbook_option_plan, NULL,
};

static const char *find_inject(const CommandCall *call, const char *directory) {
    if (settings_given(call->settings, &inject))
        return settings_text(call->settings, &inject);
    if (directory == NULL)
        return NULL;
    const char *beside = file_join(call->arena, directory, "../tests/runbook/inject");
    return access(beside, F_OK) == 0 ? beside : NULL;
}

/* Without a plan of one's own the built-in one is there, which uses parameters of the built-in runbook. */
static Err *use_plan(const CommandCall *call, const RunbookOpen *open, LintRequest *request) {
    Plan *plan = NULL;
    TRY(plan_load(call->arena, open->plan, &plan));
    request->others = (const Issue *const *)plan->issues.items;
    request->other_count = plan->issues.count;
    return NULL;
}

static Err *run(CommandCall *call) {
    RunbookOpen open;
    TRY(command_expect_operands(call, 0, 0));
    TRY(runbook_open_to_read(call, &open));
    LintRequest request = {.directory = open.directory, .inject = find_inject(call, open.directory)};
    TRY(use_plan(call, &open, &request));
    LIST_EACH (Issue *const, issue, open.runbook->issues) {
        lint_blocks(call->arena, &open.runbook->parameters, *issue);
    }
    lint_runbook(call->arena, open.runbook, &request);
    IssueProblems problems = {0};
    LIST_EACH (const RunbookSection, section, open.runbook->sections) {
        if (section->index != NULL)
            runbook_problems_add(call->arena, &problems, &section->index->problems);
    }
    LIST_EACH (Issue *const, issue, open.runbook->issues) {
        runbook_problems_add(call->arena, &problems, &(*issue)->problems);
    }
    runbook_problems_add(call->arena, &problems, &open.runbook->problems);
    if (open.runbook->issues.count == 0)
        return err_new(call->arena, ERR_DATA, "the runbook has no issue: nothing was checked");
    const char *summary = arena_printf(call->arena, "%zu issues, %zu parameters (%s)", open.runbook->issues.count,
                                       open.runbook->parameters.count, open.runbook->origin);
    runbook_problems_print(call, &problems, summary, settings_flag(call->settings, &as_json));
    return NULL;
}

const Command cmd_runbook_check = {
    .name = "runbook check",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook check",
    .summary = "refuse what is wrong in the runbook's files, by file and line",
    .detail = "For authors of issues: front matter, parts, blocks, a probe that writes, values in quotes or without a "
              "cast, links, look-alikes, parameters. docs/runbook-format.md has the rules.\n\n"
              "The exit status is 1 when something is refused.",
    .examples = "$ lifeboat runbook check --runbook ./runbook\nBefore a change of the runbook is committed.\n"
                "$ lifeboat runbook check --add-runbook /etc/lifeboat/runbook\nThe issues of your own site.",
    .options = options,
    .run = run,
};
