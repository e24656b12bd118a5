/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/issue.h"

#include <string.h>

#include "base/file.h"
#include "runbook/issue_parts.h"

enum { ISSUE_MAXIMUM = 1 << 20 };

const char *const issue_sections[] = {
    "quick-reference", "database", "application", "external-services", "data", "monitoring",
    "deployment",      "security", "performance", "backup-recovery",   NULL,
};

static const char *const section_titles[] = {
    "Quick Reference",     "Database Issues",   "Application Issues", "External Service Issues", "Data Issues",
    "Monitoring & Alerts", "Deployment Issues", "Security Incidents", "Performance Issues",      "Backup & Recovery",
};

const char *issue_section_title(const char *section) {
    for (size_t i = 0; issue_sections[i] != NULL; i++) {
        if (strcmp(issue_sections[i], section) == 0)
            return section_titles[i];
    }
    return NULL;
}

const char *issue_kind_name(IssueKind kind) {
    static const char *const names[] = {"sql", "http", "log", "sh"};
    return names[kind];
}

const char *issue_role_name(IssueRole role) {
    static const char *const names[] = {"probe", "ruleout", "look",   "resolve", "manual",
                                        "fault", "step",    "expect", "undo"};
    return names[role];
}

const char *issue_part_name(IssuePart part) {
    static const char *const names[] = {"", "Symptoms", "Diagnosis", "Resolution", "Escalation", "Related Issues"};
    return names[part];
}

const char *issue_severity_name(IssueSeverity severity) {
    static const char *const names[] = {"critical", "high", "medium", "low"};
    return names[severity];
}

const char *issue_danger_name(IssueDanger danger) {
    static const char *const names[] = {"none", "mild", "moderate", "severe"};
    return names[danger];
}

const char *issue_danger_text(IssueDanger danger) {
    static const char *const texts[] = {"reads only", "repeatable, nothing is lost",
                                        "ends sessions, restarts or takes locks", "deletes or overwrites"};
    return texts[danger];
}

const char *issue_server_name(IssueServer server) {
    static const char *const names[] = {"target", "source", "sandbox"};
    return names[server];
}

void issue_problem(Arena *arena, Issue *issue, int line, const char *message, const char *hint) {
    *LIST_PUSH(arena, issue->problems) =
        (IssueProblem){.file = issue->file, .line = line, .message = message, .hint = hint};
    issue->broken = true;
}

size_t issue_count(const Issue *issue, IssueRole role) {
    size_t count = 0;
    LIST_EACH (const IssueBlock, block, issue->blocks) {
        count += block->role == role;
    }
    return count;
}

const IssueBlock *issue_next(const Issue *issue, const IssueBlock *block, IssueRole role) {
    const IssueBlock *at = block == NULL ? issue->blocks.items : block + 1;
    for (; at != NULL && at < issue->blocks.items + issue->blocks.count; at++) {
        if (at->role == role)
            return at;
    }
    return NULL;
}

int issue_minutes(const Issue *issue) {
    int minutes = 0;
    LIST_EACH (const IssueBlock, block, issue->blocks) {
        minutes += block->role == ISSUE_STEP || block->role == ISSUE_EXPECT ? block->minutes : 0;
    }
    return minutes;
}

const char *issue_place(Arena *arena, const Issue *issue, int line) {
    return line > 0 ? arena_printf(arena, "%s:%d", issue->file, line) : issue->file;
}

Text issue_part(const Issue *issue, IssuePart part) {
    if (part == ISSUE_NOWHERE || issue->part_lines[part] == 0)
        return text_of("");
    int from = issue->part_lines[part], to = 0;
    for (IssuePart other = ISSUE_SYMPTOMS; other <= ISSUE_RELATED; other++) {
        if (issue->part_lines[other] > from && (to == 0 || issue->part_lines[other] < to))
            to = issue->part_lines[other];
    }
    Text rest = text_of(issue->markdown);
    int line = issue->markdown_line;
    for (; line <= from && rest.length > 0; line++)
        text_cut(rest, '\n', &rest);
    const char *start = rest.at;
    for (; rest.length > 0 && (to == 0 || line < to); line++)
        text_cut(rest, '\n', &rest);
    return start == NULL ? text_of("") : (Text){start, rest.length > 0 ? (size_t)(rest.at - start) : strlen(start)};
}

static bool valid_utf8(Text bytes) {
    for (size_t at = 0; at < bytes.length;) {
        uint32_t codepoint = 0;
        size_t length = text_utf8(text_slice(bytes, at, bytes.length), &codepoint);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

/* What the file's name and folder say, until the front matter says it. */
static void name_issue(Arena *arena, Issue *issue) {
    const char *slash = strrchr(issue->file, '/');
    Text stem = text_of(slash == NULL ? issue->file : slash + 1);
    if (text_ends(stem, ".md"))
        stem.length -= 3;
    issue->id = text_dup(arena, stem);
    issue->title = issue->heading = issue->owner = issue->rto = issue->rpo = issue->section = "";
    if (slash == NULL)
        return;
    const char *folder = slash;
    while (folder > issue->file && folder[-1] != '/')
        folder--;
    issue->section = arena_strndup(arena, folder, (size_t)(slash - folder));
}

Issue *issue_unreadable(Arena *arena, const char *file, const Err *err) {
    Issue *issue = ARENA_NEW(arena, Issue);
    issue->file = arena_strdup(arena, text_safe(arena, file));
    issue->markdown = "";
    name_issue(arena, issue);
    issue_problem(arena, issue, 0, err_text(arena, err), err_first_hint(err));
    return issue;
}

Err *issue_parse(Arena *arena, Text bytes, const char *file, IssueForm form, Issue **out) {
    if (bytes.length > ISSUE_MAXIMUM)
        return err_new(arena, ERR_LIMIT, "%s is larger than 1 MiB", text_safe(arena, file));
    if (text_find(bytes, '\0') >= 0 || !valid_utf8(bytes))
        return err_hint(arena, err_new(arena, ERR_DATA, "%s is not UTF-8 text", text_safe(arena, file)),
                        "save it as UTF-8 without NUL bytes");
    Issue *issue = ARENA_NEW(arena, Issue);
    issue->file = arena_strdup(arena, text_safe(arena, file));
    name_issue(arena, issue);
    IssueReader reader = {.arena = arena, .issue = issue, .form = form};
    if (text_find(bytes, '\r') >= 0)
        issue_problem(arena, issue, 0, "the file has carriage returns", "save it with Unix line ends");
    if (form == ISSUE_OF_TEXT)
        reader.markdown = bytes;
    else
        issue_front(&reader, bytes, &reader.markdown);
    reader.offset = 0;
    for (const char *at = bytes.at; reader.markdown.length > 0 && at < reader.markdown.at; at++)
        reader.offset += *at == '\n';
    issue->markdown = text_dup(arena, reader.markdown);
    issue->markdown_line = reader.offset + 1;
    issue_body(&reader);
    *out = issue;
    return NULL;
}
