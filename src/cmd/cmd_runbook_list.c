/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/json.h"
#include "cmd/runbook_json.h"
#include "cmd/runbook_open.h"

static const Option section = {
    .name = "section",
    .letter = 's',
    .type = OPTION_TEXT,
    .argument = "SECTION",
    .flag_only = true,
    .summary = "only the issues of this section",
};

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON",
};

static const Option *const options[] = {
    &section, &as_json, &runbook_option_directory, &runbook_option_additional, NULL,
};

static Err *check_section(const CommandCall *call) {
    const char *name = settings_text(call->settings, &section);
    size_t count = 0;
    while (issue_sections[count] != NULL)
        count++;
    if (name == NULL || issue_section_title(name) != NULL)
        return NULL;
    Err *err = err_new(call->arena, ERR_USAGE, "there is no section %s", text_quote(call->arena, text_of(name), 60));
    const char *close = text_suggest(name, issue_sections, count);
    return close != NULL ? err_hint(call->arena, err, "did you mean %s?", close)
                         : err_hint(call->arena, err, "\"lifeboat runbook list\" shows them all");
}

static bool wanted(const CommandCall *call, const RunbookSection *at) {
    const char *name = settings_text(call->settings, &section);
    return name == NULL || strcmp(name, at->name) == 0;
}

static void print_section(const CommandCall *call, const Runbook *runbook, const RunbookSection *at) {
    if (at->count == 0)
        return;
    fprintf(call->out, "\n%s (%s)\n", terminal_paint(call->arena, call->terminal, TERMINAL_BOLD, at->title), at->name);
    for (size_t i = at->first; i < at->first + at->count; i++) {
        const Issue *issue = runbook->issues.items[i];
        const char *text = arena_printf(call->arena, "%s (%s)%s", issue->title, issue_severity_name(issue->severity),
                                        issue->broken ? ", BROKEN: see \"lifeboat runbook check\"" : "");
        terminal_entry(call->out, issue->id, text_safe(call->arena, text), 34, call->terminal->width);
    }
}

static Err *run(CommandCall *call) {
    RunbookOpen open;
    TRY(command_expect_operands(call, 0, 0));
    TRY(check_section(call));
    TRY(runbook_open_to_read(call, &open));
    if (!settings_flag(call->settings, &as_json)) {
        fprintf(call->out, "%zu issues, %s\n", open.runbook->issues.count, open.runbook->origin);
        LIST_EACH (const RunbookSection, at, open.runbook->sections) {
            if (wanted(call, at))
                print_section(call, open.runbook, at);
        }
        return NULL;
    }
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.runbook-list/1");
    json_put_string(document, "origin", open.runbook->origin);
    json_t *issues = json_put(document, "issues", json_array());
    LIST_EACH (const RunbookSection, at, open.runbook->sections) {
        for (size_t i = at->first; wanted(call, at) && i < at->first + at->count; i++)
            runbook_json_issue(open.runbook, open.runbook->issues.items[i], json_add(issues, json_object()));
    }
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
    return NULL;
}

const Command cmd_runbook_list = {
    .name = "runbook list",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook list",
    .summary = "list the issues of the runbook by section",
    .detail =
        "Behind each title stands its severity: critical (users are down or data is being lost now), high (will be "
        "within hours, or recovery is in danger), medium (one feature or tenant), low (debt).",
    .examples = "$ lifeboat runbook list\nEvery issue in one line.\n"
                "$ lifeboat runbook list --section security --json\nOne section, for a script.",
    .options = options,
    .run = run,
};
