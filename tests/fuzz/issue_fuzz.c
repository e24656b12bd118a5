/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "runbook/lint.h"
#include "runbook/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char declarations[] =
    "[parameter age]\ntype = duration\ndefault = 5m\nmeaning = m\n"
    "[parameter run]\ntype = command\nmeaning = m\n[parameter token]\ntype = secret\nmeaning = m\n";

/* Any bytes are an issue, whole or with problems that say where; what is broken is shown all the same. */
static void read_as(Arena *arena, Text text, IssueForm form) {
    Issue *issue = NULL;
    IssueProblems problems = {0};
    Runbook runbook = {0};
    ParameterValues *values = NULL;
    if (issue_parse(arena, text, "database/x.md", form, &issue) != NULL)
        return;
    if (parameter_read(arena, text_of(declarations), "p", &runbook.parameters, NULL) != NULL ||
        parameter_values(arena, &runbook.parameters, NULL, "", &values) != NULL)
        __builtin_trap();
    lint_blocks(arena, &runbook.parameters, issue);
    lint_text(arena, &runbook.parameters, issue, &problems);
    if (issue->broken != (issue->problems.count > 0))
        __builtin_trap();
    LIST_EACH (const IssueProblem, problem, issue->problems) {
        if (problem->line < 0 || problem->message[0] == '\0')
            __builtin_trap();
    }
    for (IssuePart part = ISSUE_SYMPTOMS; part <= ISSUE_RELATED; part++) {
        if (issue_part(issue, part).length > text.length)
            __builtin_trap();
    }
    PageRequest request = {.runbook = &runbook, .values = values, .links = PAGE_LINKS_IN_RUNBOOK, .facts = true};
    page_text(arena, &request, issue);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Text text = {(const char *)bytes, size};
    for (IssueForm form = ISSUE_OF_RUNBOOK; form <= ISSUE_OF_TEXT; form++) {
        Arena *arena = arena_new();
        read_as(arena, text, form);
        arena_free(arena);
    }
    return 0;
}
