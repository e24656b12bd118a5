/* SPDX-License-Identifier: PostgreSQL */
#include "base/json.h"
#include "cmd/exit_status.h"
#include "cmd/help.h"
#include "cmd/markdown_text.h"
#include "cmd/runbook_open.h"
#include "cmd/runbook_problems.h"
#include "cmd/runbook_render.h"
#include "runbook/lint.h"
#include "runbook/page_runbook.h"
#include "runbook/plan.h"

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON",
};

static const Option as_markdown = {
    .name = "markdown",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as Markdown",
};

static Err *open_plan(const CommandCall *call, RunbookOpen *open, Plan **plan) {
    TRY(runbook_open_to_read(call, open));
    TRY(plan_load(call->arena, open->plan, plan));
    if ((*plan)->issues.count == 0)
        return err_hint(call->arena, err_new(call->arena, ERR_DATA, "this program was built without a plan"),
                        "--plan DIR names one");
    return NULL;
}

static Err *run(CommandCall *call) {
    const Command *command = command_find("plan");
    if (call->operand_count > 0)
        return command_unknown_sub(call->arena, command, call->operands[0]);
    help_command(call->arena, call->out, call->terminal, command);
    *call->status = EXIT_STATUS_USAGE;
    return NULL;
}

static void list_text(const CommandCall *call, const Plan *plan) {
    LIST_EACH (Issue *const, issue, plan->issues) {
        const char *text = page_heading(*issue);
        if (plan_is_scenario(*issue))
            text = arena_printf(call->arena, "%s (RTO %s, RPO %s, %d minutes)%s", text, (*issue)->rto, (*issue)->rpo,
                                issue_minutes(*issue), (*issue)->broken ? ", BROKEN: see \"lifeboat plan check\"" : "");
        terminal_entry(call->out, plan_name(call->arena, *issue), text_safe(call->arena, text), 30,
                       call->terminal->width);
    }
}

static Err *run_list(CommandCall *call) {
    RunbookOpen open;
    Plan *plan = NULL;
    TRY(command_expect_operands(call, 0, 0));
    TRY(open_plan(call, &open, &plan));
    if (!settings_flag(call->settings, &as_json)) {
        list_text(call, plan);
        return NULL;
    }
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.plan-list/1");
    json_t *parts = json_put(document, "parts", json_array());
    LIST_EACH (Issue *const, issue, plan->issues) {
        json_t *object = json_add(parts, json_object());
        json_put_string(object, "name", plan_name(call->arena, *issue));
        json_put_string(object, "title", (*issue)->title);
        json_put_bool(object, "scenario", plan_is_scenario(*issue));
        json_put_string(object, "rto", plan_is_scenario(*issue) ? (*issue)->rto : NULL);
        json_put_string(object, "rpo", plan_is_scenario(*issue) ? (*issue)->rpo : NULL);
        json_put_u64(object, "minutes", (uint64_t)issue_minutes(*issue));
        json_put_bool(object, "broken", (*issue)->broken);
    }
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
    return NULL;
}

static Err *run_show(CommandCall *call) {
    RunbookOpen open;
    Plan *plan = NULL;
    const Issue *issue = NULL;
    TRY(command_expect_operands(call, 1, 1));
    TRY(open_plan(call, &open, &plan));
    TRY(plan_get(call->arena, plan, call->operands[0], &issue));
    PageRequest request = {.runbook = open.runbook, .values = open.values, .plan = plan, .facts = true};
    const char *text = page_text(call->arena, &request, issue);
    if (settings_flag(call->settings, &as_markdown))
        fputs(text, call->out);
    else
        markdown_text(call->arena, call->out, call->terminal, text);
    return NULL;
}

static Err *run_check(CommandCall *call) {
    RunbookOpen open;
    Plan *plan = NULL;
    IssueProblems problems = {0};
    TRY(command_expect_operands(call, 0, 0));
    TRY(open_plan(call, &open, &plan));
    plan_lint(call->arena, plan, &open.runbook->parameters);
    LIST_EACH (Issue *const, issue, plan->issues) {
        runbook_problems_add(call->arena, &problems, &(*issue)->problems);
    }
    runbook_problems_add(call->arena, &problems, &plan->problems);
    runbook_problems_print(
        call, &problems, arena_printf(call->arena, "%zu chapters and scenarios (%s)", plan->issues.count, plan->origin),
        settings_flag(call->settings, &as_json));
    return NULL;
}

static Err *run_render(CommandCall *call) {
    RunbookOpen open;
    Plan *plan = NULL;
    TRY(command_expect_operands(call, 0, 0));
    TRY(open_plan(call, &open, &plan));
    PageRequest request = {.runbook = open.runbook, .values = open.values, .plan = plan, .links = PAGE_LINKS_IN_PLAN};
    return runbook_render_put(call, page_runbook_plan(call->arena, &request));
}

static const Option *const list_options[] = {
    &as_json, &runbook_option_plan, &runbook_option_directory, &runbook_option_additional, NULL,
};

static const Option *const show_options[] = {
    &as_markdown, &runbook_open_target, &runbook_option_plan, &runbook_option_directory, &runbook_option_additional,
    NULL,
};

static const Option *const render_options[] = {
    &runbook_render_out,       &runbook_open_target,       &runbook_option_plan,
    &runbook_option_directory, &runbook_option_additional, NULL,
};

const Command cmd_plan = {
    .name = "plan",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "plan SUBCOMMAND",
    .summary = "the disaster recovery plan: chapters and scenarios",
    .detail = "The plan is built into the program, as the runbook is, and uses the same parameters. A scenario's steps "
              "can be executed by a drill.",
    .examples = "$ lifeboat plan list\nChapters and scenarios with their objectives.\n"
                "$ lifeboat plan show database-corruption\nOne scenario, step by step.",
    .run = run,
};

const Command cmd_plan_list = {
    .name = "plan list",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "plan list",
    .summary = "list the chapters and scenarios of the plan",
    .examples = "$ lifeboat plan list\nWith objectives and the time that the steps take.",
    .options = list_options,
    .run = run_list,
};

const Command cmd_plan_show = {
    .name = "plan show",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "plan show NAME",
    .summary = "show a chapter or scenario with the values of your configuration",
    .examples = "$ lifeboat plan show database-corruption\nA scenario, by its id.\n"
                "$ lifeboat plan show 6\nA chapter, by its number.",
    .options = show_options,
    .run = run_show,
};

const Command cmd_plan_check = {
    .name = "plan check",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "plan check",
    .summary = "refuse what is wrong in the plan's files, by file and line",
    .detail = "Also a step without its time, and steps that together take longer than the scenario's objective.\n\n"
              "The exit status is 1 when something is refused.",
    .examples = "$ lifeboat plan check --plan ./plan\nBefore a change of the plan is committed.",
    .options = list_options,
    .run = run_check,
};

const Command cmd_plan_render = {
    .name = "plan render",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "plan render",
    .summary = "write the whole plan as one Markdown file",
    .examples = "$ lifeboat plan render --out DISASTER_RECOVERY_PLAN.md\nFor the repository, the wiki or a printer.",
    .options = render_options,
    .run = run_render,
};
