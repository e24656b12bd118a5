/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_json.h"

static void put_names(json_t *object, const char *key, const IssueNames *names) {
    json_t *array = json_put(object, key, json_array());
    LIST_EACH (const char *, name, *names) {
        json_add(array, json_text_value(text_of(*name)));
    }
}

void runbook_json_issue(const Runbook *runbook, const Issue *issue, json_t *object) {
    const RunbookTested *tested = runbook_tested(runbook, issue->id);
    json_put_string(object, "id", issue->id);
    json_put_string(object, "title", issue->title);
    json_put_string(object, "section", issue->section);
    json_put_string(object, "severity", issue_severity_name(issue->severity));
    json_put_string(object, "owner", issue->owner);
    json_put_string(object, "danger", issue_danger_name(issue->danger));
    put_names(object, "findings", &issue->findings);
    put_names(object, "consequences", &issue->consequences);
    put_names(object, "look_alikes", &issue->look_alikes);
    json_put_string(object, "tested", tested == NULL ? NULL : tested->date);
    json_put_string(object, "tested_on", tested == NULL ? NULL : tested->server);
    json_put_string(object, "test_result", tested == NULL ? NULL : tested->result);
    json_put_string(object, "not_tested", issue->not_tested);
    json_put_string(object, "file", issue->file);
    json_put_bool(object, "broken", issue->broken);
}

void runbook_json_problems(const IssueProblems *problems, json_t *array) {
    LIST_EACH (const IssueProblem, problem, *problems) {
        json_t *object = json_add(array, json_object());
        json_put_string(object, "file", problem->file);
        json_put_u64(object, "line", (uint64_t)problem->line);
        json_put_string(object, "message", problem->message);
        json_put_string(object, "hint", problem->hint);
    }
}
