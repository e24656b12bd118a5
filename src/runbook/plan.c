/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "runbook/lint.h"
#include "runbook/runbook.h"

enum { PLAN_FILE_MAXIMUM = 2 << 20 };

static const char *base_name(const Issue *issue) {
    const char *slash = strrchr(issue->file, '/');
    return slash == NULL ? issue->file : slash + 1;
}

bool plan_is_scenario(const Issue *issue) {
    return strncmp(base_name(issue), "scenario-", 9) == 0;
}

const char *plan_name(Arena *arena, const Issue *issue) {
    const char *base = base_name(issue);
    return plan_is_scenario(issue) ? issue->id : arena_strndup(arena, base, strlen(base) - 3);
}

/* Chapters are sorted among themselves by their name; scenarios stand behind "3-". */
static const char *sort_key(const Issue *issue, char *key, size_t size) {
    if (plan_is_scenario(issue))
        snprintf(key, size, "3~%03d %s", issue->number, base_name(issue));
    else
        snprintf(key, size, "%s", base_name(issue));
    return key;
}

static int in_order(const void *left, const void *right) {
    char a[256], b[256];
    return strcmp(sort_key(*(const Issue *const *)left, a, sizeof(a)),
                  sort_key(*(const Issue *const *)right, b, sizeof(b)));
}

static void add(Arena *arena, Plan *plan, const char *path, Text bytes, const Err *err) {
    const char *slash = strrchr(path, '/');
    bool scenario = strncmp(slash == NULL ? path : slash + 1, "scenario-", 9) == 0;
    Issue *issue = NULL;
    if (err == NULL)
        err = issue_parse(arena, bytes, path, scenario ? ISSUE_OF_SCENARIO : ISSUE_OF_TEXT, &issue);
    *LIST_PUSH(arena, plan->issues) = err == NULL ? issue : issue_unreadable(arena, path, err);
}

static Err *add_directory(Arena *arena, Plan *plan, const char *directory) {
    char **names = NULL;
    size_t count = 0;
    Err *err = file_list(arena, directory, &names, &count);
    if (err != NULL)
        return err_hint(arena, err_wrap(arena, err, "the plan cannot be read"),
                        "--plan and [runbook] plan name a directory with chapters and scenarios");
    for (size_t i = 0; i < count; i++) {
        Buf *bytes = NULL;
        if (names[i][0] == '.' || !text_ends(text_of(names[i]), ".md"))
            continue;
        const char *path = file_join(arena, directory, names[i]);
        const Err *cause = file_read_all(arena, path, PLAN_FILE_MAXIMUM, &bytes);
        add(arena, plan, path, cause == NULL ? buf_view(bytes) : (Text){0}, cause);
    }
    if (plan->issues.count == 0)
        return err_hint(arena, err_new(arena, ERR_NOT_FOUND, "there is no plan in %s", text_safe(arena, directory)),
                        "it holds chapters (1-overview.md, ...) and scenarios (scenario-*.md), as "
                        "docs/runbook-format.md describes");
    return NULL;
}

Err *plan_load(Arena *arena, const char *directory, Plan **out) {
    Plan *plan = ARENA_NEW(arena, Plan);
    plan->origin = directory == NULL ? "built in" : text_safe(arena, directory);
    for (const RunbookFile *file = runbook_files; directory == NULL && file->path != NULL; file++) {
        if (text_starts(text_of(file->path), "plan/"))
            add(arena, plan, file->path, text_of(file->text), NULL);
    }
    if (directory != NULL)
        TRY(add_directory(arena, plan, directory));
    if (plan->issues.count > 0)
        qsort(plan->issues.items, plan->issues.count, sizeof(Issue *), in_order);
    *out = plan;
    return NULL;
}

Err *plan_get(Arena *arena, const Plan *plan, const char *name, const Issue **out) {
    LIST(const char *) names = {0};
    LIST_EACH (Issue *const, issue, plan->issues) {
        const char *own = plan_name(arena, *issue);
        bool by_number = plan_is_scenario(*issue) ? false : strcspn(own, "-") == strlen(name);
        *out = *issue;
        if (strcmp(own, name) == 0 || (by_number && strncmp(own, name, strlen(name)) == 0))
            return NULL;
        *LIST_PUSH(arena, names) = own;
    }
    const char *close = text_suggest(name, names.items, names.count);
    Err *err = err_new(arena, ERR_USAGE, "the plan has neither a scenario nor a chapter %s",
                       text_quote(arena, text_of(name), 80));
    return close == NULL ? err_hint(arena, err, "\"lifeboat plan list\" shows them")
                         : err_hint(arena, err, "did you mean %s?", close);
}

static void lint_scenario(Arena *arena, Issue *issue) {
    int64_t limit = 0;
    int minutes = issue_minutes(issue);
    if (issue_count(issue, ISSUE_STEP) == 0 || issue_count(issue, ISSUE_EXPECT) == 0)
        issue_problem(arena, issue, 0, "a scenario without step or without expect",
                      "a fenced block ```sh step minutes=5, and ```sql expect behind it");
    if (minutes == 0)
        issue_problem(arena, issue, 0, "no step says how long it takes", "```sh step minutes=5");
    if (!time_length_parse(text_of(issue->rto), &limit))
        issue_problem(arena, issue, 0, "the rto is no length of time", "rto: 1h");
    else if (minutes * TIME_MINUTE > limit)
        issue_problem(arena, issue, 0,
                      arena_printf(arena, "the steps take %d minutes, the rto is %s", minutes, issue->rto),
                      "make the way shorter, or the objective honest");
}

void plan_lint(Arena *arena, Plan *plan, const Parameters *parameters) {
    LIST_EACH (Issue *const, issue, plan->issues) {
        lint_text(arena, parameters, *issue, &plan->problems);
        if (!plan_is_scenario(*issue))
            continue;
        lint_scenario(arena, *issue);
        lint_blocks(arena, parameters, *issue);
        LIST_EACH (Issue *const, other, plan->issues) {
            if (*other == *issue)
                break;
            if (plan_is_scenario(*other) &&
                (strcmp((*other)->id, (*issue)->id) == 0 || (*other)->number == (*issue)->number))
                issue_problem(arena, *issue, 0, arena_printf(arena, "%s has the same id or number", (*other)->file),
                              "ids and numbers are unique");
        }
    }
}
