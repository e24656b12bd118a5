/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/lint.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check/check.h"
#include "runbook/probe.h"
#include "runbook/right.h"

/* --- blocks --- */

const char *lint_placeholder(Arena *arena, LintBlock *lint, const char *name) {
    ParameterType type = PARAMETER_TEXT;
    if (!parameter_type(lint->parameters, name, &type)) {
        lint->hint = "declare it in parameters.conf, with type and meaning";
        return arena_printf(arena, "{{%s}} is not declared", name);
    }
    if (type == PARAMETER_SECRET && lint->block->kind != ISSUE_HTTP) {
        lint->hint = arena_printf(arena, "{{%s_file}} is the path of its file", name);
        return arena_printf(arena, "{{%s}} is a secret: it may stand in the header of an http block only", name);
    }
    return NULL;
}

static const char *lint_other(Arena *arena, LintBlock *lint) {
    Text rest = {lint->block->body, lint->block->length}, before = {0}, name = {0};
    while (parameter_next(&rest, &before, &name)) {
        const char *problem = lint_placeholder(arena, lint, text_dup(arena, name));
        if (problem != NULL)
            return problem;
    }
    const Err *err = probe_check(arena, lint->block);
    lint->hint = err == NULL || err_first_hint(err) == NULL ? "docs/runbook-format.md, section 4" : err_first_hint(err);
    return err == NULL ? NULL : err_text(arena, err);
}

static void lint_rights(Arena *arena, Issue *issue, const IssueNames *tokens) {
    LIST_EACH (const char *const, token, *tokens) {
        if (!right_is(*token))
            issue_problem(arena, issue, 1,
                          arena_printf(arena, "unknown right: %s", text_quote(arena, text_of(*token), 60)),
                          "role:NAME, bypassrls, superuser, select:SCHEMA.TABLE, extension:NAME, tool:NAME, version:N");
    }
}

void lint_blocks(Arena *arena, const Parameters *parameters, Issue *issue) {
    lint_rights(arena, issue, &issue->needs);
    lint_rights(arena, issue, &issue->resolve_needs);
    LIST_EACH (const IssueBlock, block, issue->blocks) {
        LintBlock lint = {.parameters = parameters, .block = block};
        const char *problem = block->kind == ISSUE_SQL  ? lint_sql(arena, &lint)
                              : block->kind == ISSUE_SH ? lint_sh(arena, &lint)
                                                        : lint_other(arena, &lint);
        if (problem != NULL)
            issue_problem(arena, issue, block->line, problem, lint.hint);
    }
}

/* --- one page --- */

static void add(Arena *arena, IssueProblems *problems, IssueProblem problem) {
    *LIST_PUSH(arena, *problems) = problem;
}

/* In an executable block: lint_blocks speaks there. */
static bool in_block(const Issue *issue, int line) {
    LIST_EACH (const IssueBlock, block, issue->blocks) {
        int lines = 0;
        for (size_t i = 0; i < block->length; i++)
            lines += block->body[i] == '\n';
        if (line > block->line && line <= block->line + lines)
            return true;
    }
    return false;
}

void lint_text(Arena *arena, const Parameters *parameters, const Issue *issue, IssueProblems *problems) {
    int line = issue->markdown_line;
    for (Text rest = text_of(issue->markdown); rest.length > 0; line++) {
        Text text = text_cut(rest, '\n', &rest), before = {0}, name = {0};
        ParameterType type;
        while (parameter_next(&text, &before, &name)) {
            if (!parameter_type(parameters, text_dup(arena, name), &type) && !in_block(issue, line))
                add(arena, problems,
                    (IssueProblem){issue->file, line, arena_printf(arena, "{{%.*s}} is not declared", TEXT_ARG(name)),
                                   "declare it in parameters.conf, with type and meaning"});
        }
    }
}

/* "runbook/database" and "../data/x.md#y": "runbook/data/x.md". */
static const char *resolve(Arena *arena, const char *folder, const char *url) {
    LIST(Text) parts = {0};
    const char *path = "";
    for (Text rest = text_of(arena_printf(arena, "%s/%.*s", folder, (int)strcspn(url, "#"), url)); rest.length > 0;) {
        Text part = text_cut(rest, '/', &rest);
        if (text_is(part, "..") && parts.count > 0)
            parts.count--;
        else if (!text_is(part, ".") && part.length > 0)
            *LIST_PUSH(arena, parts) = part;
    }
    LIST_EACH (Text, part, parts) {
        path = arena_printf(arena, "%s%s%.*s", path, path[0] == '\0' ? "" : "/", TEXT_ARG(*part));
    }
    return path;
}

static bool leads_somewhere(Arena *arena, const LintPlace *place, const char *path) {
    if (text_starts(text_of(path), "runbook/")) {
        LIST_EACH (const char *const, file, *place->files) {
            if (strcmp(*file, path + strlen("runbook/")) == 0)
                return true;
        }
        return false;
    }
    return place->root == NULL || access(file_join(arena, place->root, path), F_OK) == 0;
}

void lint_links(Arena *arena, const Issue *issue, const LintPlace *place, IssueProblems *problems) {
    LIST_EACH (const IssueLink, link, issue->links) {
        bool elsewhere = strstr(link->url, "://") != NULL || strncmp(link->url, "mailto:", 7) == 0;
        if (elsewhere || link->url[0] == '#')
            continue;
        const char *path = resolve(arena, place->folder, link->url);
        if (!leads_somewhere(arena, place, path))
            add(arena, problems,
                (IssueProblem){issue->file, link->line,
                               arena_printf(arena, "a link to no file: %s", text_quote(arena, text_of(link->url), 100)),
                               "links are relative to the file: ../SECTION/ID.md"});
    }
}

/* --- all issues together --- */

typedef struct Linter {
    Arena *arena;
    Runbook *runbook;
    const LintRequest *request;
} Linter;

static void complain(const Linter *linter, const Issue *issue, const char *message, const char *hint) {
    add(linter->arena, &linter->runbook->problems, (IssueProblem){issue->file, 0, message, hint});
}

static bool names(const IssueNames *list, const char *name) {
    LIST_EACH (const char *const, item, *list) {
        if (strcmp(*item, name) == 0)
            return true;
    }
    return false;
}

static void look_at_relations(const Linter *linter, const Issue *issue) {
    Arena *arena = linter->arena;
    LIST_EACH (const char *const, name, issue->consequences) {
        if (runbook_find(linter->runbook, *name) == NULL)
            complain(linter, issue, arena_printf(arena, "the consequence %s does not exist", *name),
                     "an id of an issue");
    }
    LIST_EACH (const char *const, name, issue->look_alikes) {
        const Issue *other = runbook_find(linter->runbook, *name);
        if (other == NULL)
            complain(linter, issue, arena_printf(arena, "the look-alike %s does not exist", *name),
                     "an id of an issue");
        else if (!names(&other->look_alikes, issue->id))
            complain(linter, issue, arena_printf(arena, "the look-alike %s does not name this one", *name),
                     arena_printf(arena, "add %s to the look_alikes of %s", issue->id, other->file));
    }
}

static bool finding_exists(const char *id) {
    for (const Check *const *check = check_table; *check != NULL; check++) {
        for (const CheckFinding *const *finding = (*check)->findings; *finding != NULL; finding++) {
            if (strcmp((*finding)->id, id) == 0)
                return true;
        }
    }
    return false;
}

static bool part_says(const Issue *issue, IssuePart part, const char *words) {
    Text text = issue_part(issue, part);
    return text.length > 0 && memmem(text.at, text.length, words, strlen(words)) != NULL;
}

static void look_at_words(const Linter *linter, const Issue *issue) {
    static const struct {
        IssuePart part;
        const char *words, *hint;
    } wanted[] = {
        {ISSUE_RESOLUTION, "Verify:", "what shows, apart from a second diagnosis, that users are served again"},
        {ISSUE_RESOLUTION, "Prevent:", "what keeps it from coming back"},
        {ISSUE_ESCALATION, "Who:", "- Who: {{contact_database}}"},
        {ISSUE_ESCALATION, "What to bring:", "- What to bring: what the next person needs to know"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (issue->part_lines[wanted[i].part] != 0 && !part_says(issue, wanted[i].part, wanted[i].words))
            complain(linter, issue,
                     arena_printf(linter->arena, "%s has no \"%s\"", issue_part_name(wanted[i].part), wanted[i].words),
                     wanted[i].hint);
    }
    LIST_EACH (const char *const, id, issue->findings) {
        if (!finding_exists(*id))
            complain(linter, issue, arena_printf(linter->arena, "there is no finding %s", *id),
                     "\"lifeboat describe findings\" lists them");
    }
}

static void look_at_proof(const Linter *linter, const Issue *issue) {
    if (linter->request->inject == NULL || issue->not_tested != NULL)
        return;
    const char *folder = file_join(linter->arena, linter->request->inject, issue->id);
    if (access(folder, F_OK) != 0)
        complain(linter, issue, arena_printf(linter->arena, "nothing proves it: there is no %s", folder),
                 "add up and down, or say why in not_tested");
}

static void look_at_titles(const Linter *linter, const Issue *issue) {
    LIST_EACH (Issue *const, other, linter->runbook->issues) {
        if (*other == issue)
            break;
        if (strcmp((*other)->title, issue->title) == 0)
            complain(linter, issue, arena_printf(linter->arena, "%s has the same title", (*other)->file),
                     "a title is unique: it names the issue in RUNBOOK.md");
    }
}

static bool uses(const Issue *issue, const Parameter *parameter, Arena *arena) {
    Text rest = text_of(issue->markdown), before = {0}, name = {0};
    while (parameter_next(&rest, &before, &name)) {
        if (text_is(name, parameter->name) ||
            (parameter->type == PARAMETER_SECRET && text_is(name, arena_printf(arena, "%s_file", parameter->name))))
            return true;
    }
    return issue->owner[0] != '\0' && strcmp(arena_printf(arena, "contact_%s", issue->owner), parameter->name) == 0;
}

static bool is_used(const Linter *linter, const Parameter *parameter) {
    if (strcmp(parameter->name, "operator") == 0)
        return true;
    LIST_EACH (Issue *const, issue, linter->runbook->issues) {
        if (uses(*issue, parameter, linter->arena))
            return true;
    }
    LIST_EACH (const RunbookSection, section, linter->runbook->sections) {
        if (section->index != NULL && uses(section->index, parameter, linter->arena))
            return true;
    }
    for (size_t i = 0; i < linter->request->other_count; i++) {
        if (uses(linter->request->others[i], parameter, linter->arena))
            return true;
    }
    return false;
}

static void look_at_page(const Linter *linter, const Issue *issue, const char *section) {
    Runbook *runbook = linter->runbook;
    const char *root =
        linter->request->directory == NULL ? NULL : file_join(linter->arena, linter->request->directory, "..");
    LintPlace place = {
        .folder = arena_printf(linter->arena, "runbook/%s", section), .files = &runbook->files, .root = root};
    lint_text(linter->arena, &runbook->parameters, issue, &runbook->problems);
    lint_links(linter->arena, issue, &place, &runbook->problems);
}

void lint_runbook(Arena *arena, Runbook *runbook, const LintRequest *request) {
    Linter linter = {.arena = arena, .runbook = runbook, .request = request};
    LIST_EACH (const RunbookSection, section, runbook->sections) {
        if (section->index != NULL)
            look_at_page(&linter, section->index, section->name);
    }
    LIST_EACH (Issue *const, issue, runbook->issues) {
        look_at_page(&linter, *issue, (*issue)->section);
        look_at_relations(&linter, *issue);
        look_at_words(&linter, *issue);
        look_at_titles(&linter, *issue);
        look_at_proof(&linter, *issue);
    }
    LIST_EACH (const Parameter, parameter, runbook->parameters) {
        if (!is_used(&linter, parameter))
            add(arena, &runbook->problems,
                (IssueProblem){parameter->file, parameter->line,
                               arena_printf(arena, "%s is never used", parameter->name),
                               "use it, or remove its declaration"});
    }
    LIST_EACH (const RunbookTested, tested, runbook->tested) {
        if (runbook_find(runbook, tested->id) == NULL)
            add(arena, &runbook->problems,
                (IssueProblem){"tested.tsv", 0, arena_printf(arena, "there is no issue %s", tested->id),
                               "remove its line"});
    }
}
