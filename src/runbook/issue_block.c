/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "runbook/issue_parts.h"

/*
 * One executable block: its info string, where it stands, and the words around it.
 */
static void complain(IssueReader *reader, const IssueBlock *block, const char *message, const char *hint) {
    issue_problem(reader->arena, reader->issue, block->line, message, hint);
}

static bool find_kind(Text word, IssueKind *out) {
    for (IssueKind kind = ISSUE_SQL; kind <= ISSUE_SH; kind++) {
        if (text_is(word, issue_kind_name(kind))) {
            *out = kind;
            return true;
        }
    }
    return false;
}

static bool find_role(Text word, IssueForm form, IssueRole *out) {
    bool scenario = form == ISSUE_OF_SCENARIO;
    for (IssueRole role = scenario ? ISSUE_FAULT : ISSUE_PROBE; role <= (scenario ? ISSUE_UNDO : ISSUE_MANUAL);
         role++) {
        if (text_is(word, issue_role_name(role))) {
            *out = role;
            return true;
        }
    }
    return false;
}

static bool set_option(IssueBlock *block, Text word) {
    Text value;
    Text key = text_cut(word, '=', &value);
    uint64_t minutes = 0;
    if (text_is(key, "minutes") && text_to_u64(value, &minutes) && minutes > 0 && minutes <= 10080) {
        block->minutes = (int)minutes;
        return true;
    }
    for (IssueServer server = ISSUE_ON_TARGET; text_is(key, "on") && server <= ISSUE_ON_SANDBOX; server++) {
        if (text_is(value, issue_server_name(server))) {
            block->server = server;
            return true;
        }
    }
    return false;
}

/* KIND ROLE and, in scenarios, options. False when it is no block that could be executed. */
static bool read_info(IssueReader *reader, IssueBlock *block, Text info) {
    Text rest = info;
    Text kind = text_cut(rest, ' ', &rest);
    rest = text_trim(rest);
    Text role = text_cut(rest, ' ', &rest);
    const char *shown = text_quote(reader->arena, info, 60);
    if (reader->form == ISSUE_OF_TEXT) {
        complain(reader, block, arena_printf(reader->arena, "the block %s would be executable", shown),
                 "blocks of a page that is only text have one word: ```sql");
        return false;
    }
    if (!find_kind(kind, &block->kind) || !find_role(role, reader->form, &block->role)) {
        complain(reader, block, arena_printf(reader->arena, "unknown kind or role of a block: %s", shown),
                 reader->form == ISSUE_OF_RUNBOOK ? "sql, http, log or sh; then probe, ruleout, look, resolve or manual"
                                                  : "sql or sh; then fault, step, expect or undo");
        return false;
    }
    if (reader->form == ISSUE_OF_SCENARIO && (block->kind == ISSUE_HTTP || block->kind == ISSUE_LOG))
        complain(reader, block, "a scenario's block is sql or sh", "use curl in an sh block");
    while (text_trim(rest).length > 0) {
        rest = text_trim(rest);
        Text word = text_cut(rest, ' ', &rest);
        if (reader->form != ISSUE_OF_SCENARIO || !set_option(block, word))
            complain(reader, block,
                     arena_printf(reader->arena, "unknown option of a block: %s", text_quote(reader->arena, word, 60)),
                     reader->form == ISSUE_OF_SCENARIO ? "minutes=N or on=source|sandbox|target"
                                                       : "KIND ROLE, no more");
    }
    return true;
}

/* "> ```" closes what "````" opened only if it is as long. */
static bool is_closed(const IssueReader *reader, cmark_node *node) {
    size_t first = (size_t)cmark_node_get_start_line(node), last = (size_t)cmark_node_get_end_line(node);
    if (first == 0 || last <= first || last > reader->lines.count)
        return false;
    size_t column = (size_t)cmark_node_get_start_column(node);
    Text open = text_slice(reader->lines.items[first - 1], column - 1, reader->lines.items[first - 1].length);
    Text close = text_trim(reader->lines.items[last - 1]);
    size_t opened = 0, closed = 0;
    while (opened < open.length && open.at[opened] == open.at[0])
        opened++;
    while (closed < close.length && open.length > 0 && close.at[close.length - 1 - closed] == open.at[0])
        closed++;
    return opened >= 3 && closed >= opened;
}

static bool says_expected(const char *text) {
    return text_starts(text_of(text), "Expected:");
}

/* "**Diagnosis:**" and nothing else. */
static bool names_part(cmark_node *paragraph) {
    cmark_node *child = cmark_node_first_child(paragraph);
    return cmark_node_get_type(child) == CMARK_NODE_STRONG && cmark_node_next(child) == NULL;
}

/* The nearest paragraph above the block, in its list item or around it, that explains no other block. */
static const char *paragraph_before(IssueReader *reader, cmark_node *node) {
    for (cmark_node *at = node; at != NULL; at = cmark_node_parent(at)) {
        for (cmark_node *before = cmark_node_previous(at); before != NULL; before = cmark_node_previous(before)) {
            if (cmark_node_get_type(before) != CMARK_NODE_PARAGRAPH)
                continue;
            const char *text = names_part(before) ? "" : issue_body_text(reader->arena, before, true);
            if (!says_expected(text))
                return text;
        }
    }
    return "";
}

static void read_expected(IssueReader *reader, IssueBlock *block, cmark_node *node) {
    cmark_node *next = cmark_node_next(node);
    const char *text = next != NULL && cmark_node_get_type(next) == CMARK_NODE_PARAGRAPH
                           ? issue_body_text(reader->arena, next, true)
                           : "";
    bool wanted = block->role == ISSUE_PROBE || block->role == ISSUE_RULEOUT;
    if (says_expected(text))
        block->expected = text_dup(reader->arena, text_trim(text_of(text + strlen("Expected:"))));
    if (wanted && block->expected[0] == '\0')
        complain(reader, block,
                 arena_printf(reader->arena, "the %s has no \"Expected:\"", issue_role_name(block->role)),
                 "the paragraph behind it says what health looks like and what the evidence means");
    else if (!wanted && block->role <= ISSUE_MANUAL && says_expected(text))
        complain(reader, block,
                 arena_printf(reader->arena, "\"Expected:\" stands behind a %s", issue_role_name(block->role)),
                 "only a probe or ruleout decides; say it in other words");
}

/* "-- blast: who is touched" of the first three lines. */
static const char *comment_line(IssueReader *reader, const IssueBlock *block, const char *word, int *at) {
    Text rest = {block->body, block->length};
    const char *lead = arena_printf(reader->arena, "%s %s:", block->kind == ISSUE_SQL ? "--" : "#", word);
    for (int i = 0; i < 3; i++) {
        Text line = text_cut(rest, '\n', &rest);
        if (text_starts(line, lead)) {
            *at = i;
            return text_dup(reader->arena, text_trim(text_slice(line, strlen(lead), line.length)));
        }
    }
    return "";
}

static void read_comments(IssueReader *reader, IssueBlock *block) {
    static const char *const words[] = {"precondition", "blast", "undo"};
    const char **values[] = {&block->precondition, &block->blast, &block->undo};
    for (int i = 0; i < 3; i++) {
        int at = -1;
        *values[i] = comment_line(reader, block, words[i], &at);
        if (at != i || (*values[i])[0] == '\0')
            complain(
                reader, block,
                arena_printf(reader->arena, "the %s has no line \"%s %s: ...\"", issue_role_name(block->role),
                             block->kind == ISSUE_SQL ? "--" : "#", words[i]),
                "it begins with three comment lines: precondition, blast, undo (a command, or \"irreversible\" and "
                "why that is acceptable)");
    }
}

static void look_at_place(IssueReader *reader, const IssueBlock *block) {
    bool resolves = block->role == ISSUE_RESOLVE || block->role == ISSUE_MANUAL;
    IssuePart wanted = resolves ? ISSUE_RESOLUTION : ISSUE_DIAGNOSIS;
    bool there = block->part == wanted || (block->role == ISSUE_MANUAL && block->part == ISSUE_DIAGNOSIS);
    if (!there)
        complain(reader, block,
                 arena_printf(reader->arena, "a %s outside %s", issue_role_name(block->role), issue_part_name(wanted)),
                 arena_printf(reader->arena, "move it below **%s:**", issue_part_name(wanted)));
    if (resolves && (block->kind == ISSUE_HTTP || block->kind == ISSUE_LOG))
        complain(reader, block, arena_printf(reader->arena, "a %s is sql or sh", issue_role_name(block->role)),
                 "use curl in an sh block");
}

void issue_block(IssueReader *reader, cmark_node *node) {
    const char *body = arena_strdup(reader->arena, cmark_node_get_literal(node));
    IssueBlock block = {.part = reader->part,
                        .body = body,
                        .length = strlen(body),
                        .line = issue_body_line(reader, node),
                        .before = "",
                        .expected = "",
                        .precondition = "",
                        .blast = "",
                        .undo = ""};
    if (!read_info(reader, &block, text_trim(text_of(cmark_node_get_fence_info(node)))))
        return;
    if (!is_closed(reader, node))
        complain(reader, &block, "the block is not closed", "a line ``` ends it, indented as its first line");
    if (text_trim(text_of(body)).length == 0)
        complain(reader, &block, "the block is empty", "write the question, or remove the block");
    block.before = paragraph_before(reader, node);
    if (reader->form == ISSUE_OF_RUNBOOK) {
        read_expected(reader, &block, node);
        look_at_place(reader, &block);
        if (block.role == ISSUE_RESOLVE || block.role == ISSUE_MANUAL)
            read_comments(reader, &block);
    }
    *LIST_PUSH(reader->arena, reader->issue->blocks) = block;
}
