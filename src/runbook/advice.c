/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/advice.h"

static const char *text_of_issue(Arena *arena, const Issue *issue) {
    return arena_printf(arena, "The runbook has it: lifeboat runbook show %s", issue->id);
}

const char *advice_of_finding(Arena *arena, const char *finding) {
    Runbook *runbook = NULL;
    if (runbook_load(arena, &(RunbookPlaces){0}, &runbook) != NULL)
        return NULL;
    const Issue *issue = runbook_of_finding(runbook, finding);
    return issue == NULL ? NULL : text_of_issue(arena, issue);
}

void advice_add(Arena *arena, Report *report) {
    Findings findings = {0};
    Runbook *runbook = NULL;
    report_findings(arena, report, CHECK_WARNING, &findings);
    if (findings.count == 0 || runbook_load(arena, &(RunbookPlaces){0}, &runbook) != NULL)
        return;
    const Issue *found = NULL;
    bool failure = false;
    LIST_EACH (const Finding, finding, findings) {
        const Issue *issue = runbook_of_finding(runbook, finding->id);
        if (issue == NULL || (found != NULL && (failure || finding->severity != CHECK_FAILURE)))
            continue;
        found = issue;
        failure = finding->severity == CHECK_FAILURE;
    }
    if (found == NULL)
        return;
    const char *before = report->next_step == NULL ? "" : report->next_step;
    report->next_step =
        arena_printf(arena, "%s%s%s", before, before[0] == '\0' ? "" : " ", text_of_issue(arena, found));
}
