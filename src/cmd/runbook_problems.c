/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_problems.h"

#include "base/json.h"
#include "cmd/exit_status.h"
#include "cmd/runbook_json.h"

void runbook_problems_add(Arena *arena, IssueProblems *to, const IssueProblems *from) {
    LIST_EACH (const IssueProblem, problem, *from) {
        *LIST_PUSH(arena, *to) = *problem;
    }
}

static void print_json(const CommandCall *call, const IssueProblems *problems, const char *summary) {
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.runbook-check/1");
    json_put_string(document, "checked", summary);
    json_put_bool(document, "good", problems->count == 0);
    runbook_json_problems(problems, json_put(document, "problems", json_array()));
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
}

void runbook_problems_print(CommandCall *call, const IssueProblems *problems, const char *summary, bool as_json) {
    *call->status = problems->count > 0 ? EXIT_STATUS_FAIL : EXIT_STATUS_OK;
    if (as_json) {
        print_json(call, problems, summary);
        return;
    }
    LIST_EACH (const IssueProblem, problem, *problems) {
        fprintf(call->out, "%s", problem->file);
        if (problem->line > 0)
            fprintf(call->out, ":%d", problem->line);
        fprintf(call->out, ": %s\n", problem->message);
        if (problem->hint != NULL)
            fprintf(call->out, "  hint: %s\n", problem->hint);
    }
    const char *mark = terminal_mark(call->arena, call->terminal, problems->count > 0 ? TERMINAL_BAD : TERMINAL_GOOD);
    if (problems->count == 0)
        fprintf(call->out, "%s nothing is wrong: %s\n", mark, summary);
    else
        fprintf(call->out, "%s %zu refused: %s\n", mark, problems->count, summary);
}
