/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runbook/issue_parts.h"

/*
 * The walk over the document that cmark made: heading, parts, blocks, links. The first level of the tree names the
 * parts; a block may stand deeper, in a list item.
 */
enum { PLAIN_MAXIMUM = 64 * 1024 };

static void complain(IssueReader *reader, int line, const char *message, const char *hint) {
    issue_problem(reader->arena, reader->issue, line, message, hint);
}

int issue_body_line(const IssueReader *reader, cmark_node *node) {
    while (node != NULL && cmark_node_get_start_line(node) == 0)
        node = cmark_node_parent(node);
    return node == NULL ? 0 : cmark_node_get_start_line(node) + reader->offset;
}

char *issue_body_text(Arena *arena, cmark_node *node, bool ticks) {
    Buf *out = buf_new(arena, PLAIN_MAXIMUM);
    cmark_iter *iter = cmark_iter_new(node);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *at = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(at);
        if (event != CMARK_EVENT_ENTER)
            continue;
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_HTML_INLINE)
            buf_string(out, cmark_node_get_literal(at));
        else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
            buf_byte(out, ' ');
        else if (type == CMARK_NODE_CODE)
            buf_printf(out, "%s%s%s", ticks ? "`" : "", cmark_node_get_literal(at), ticks ? "`" : "");
    }
    cmark_iter_free(iter);
    for (size_t i = 0; i < out->length; i++)
        out->at[i] = out->at[i] == '\n' ? ' ' : out->at[i];
    return arena_strndup(arena, out->at, out->length);
}

/* The part that the paragraph names ("**Symptoms:**" and nothing else), or ISSUE_NOWHERE. */
static IssuePart part_named(IssueReader *reader, cmark_node *node) {
    cmark_node *strong = cmark_node_first_child(node);
    if (cmark_node_get_type(node) != CMARK_NODE_PARAGRAPH || strong == NULL ||
        cmark_node_get_type(strong) != CMARK_NODE_STRONG || cmark_node_next(strong) != NULL)
        return ISSUE_NOWHERE;
    Text text = text_of(issue_body_text(reader->arena, strong, false));
    for (IssuePart part = ISSUE_SYMPTOMS; part <= ISSUE_RELATED; part++) {
        if (text_is(text, arena_printf(reader->arena, "%s:", issue_part_name(part))))
            return part;
    }
    if (text_ends(text, ":"))
        complain(reader, issue_body_line(reader, node),
                 arena_printf(reader->arena, "there is no part %s", text_quote(reader->arena, text, 60)),
                 "the parts are Symptoms, Diagnosis, Resolution, Escalation, Related Issues");
    return ISSUE_NOWHERE;
}

static void enter_part(IssueReader *reader, cmark_node *node, IssuePart part) {
    int line = issue_body_line(reader, node);
    int *seen = &reader->issue->part_lines[part];
    if (*seen != 0)
        complain(reader, line, arena_printf(reader->arena, "the part %s stands a second time", issue_part_name(part)),
                 arena_printf(reader->arena, "the first is in line %d", *seen));
    else if (part < reader->part)
        complain(reader, line,
                 arena_printf(reader->arena, "the part %s stands behind %s", issue_part_name(part),
                              issue_part_name(reader->part)),
                 "the order is Symptoms, Diagnosis, Resolution, Escalation, Related Issues");
    if (*seen == 0)
        *seen = line;
    reader->part = part;
}

/* "Scenario 3: " with the number that stands there, NULL when it is no such heading. */
static const char *scenario_lead(Arena *arena, const char *text) {
    size_t at = text_starts(text_of(text), "Scenario ") ? strlen("Scenario ") : 0;
    size_t digits = strspn(text + at, "0123456789");
    bool numbered = at > 0 && digits > 0 && digits < 4 && strncmp(text + at + digits, ": ", 2) == 0;
    return numbered ? arena_strndup(arena, text, at + digits + 2) : NULL;
}

static void read_heading(IssueReader *reader, cmark_node *node) {
    Issue *issue = reader->issue;
    int line = issue_body_line(reader, node), level = cmark_node_get_heading_level(node);
    const char *text = issue_body_text(reader->arena, node, true);
    if (reader->form == ISSUE_OF_TEXT) {
        if (issue->title[0] == '\0')
            issue->title = issue->heading = text;
        return;
    }
    const char *lead = reader->form == ISSUE_OF_RUNBOOK ? "Issue: " : scenario_lead(reader->arena, text);
    bool is_title = level == 3 && lead != NULL && text_starts(text_of(text), lead);
    if (is_title && !reader->has_title) {
        reader->has_title = true;
        issue->heading = text;
        if (reader->form == ISSUE_OF_SCENARIO)
            issue->number = (int)strtol(lead + strlen("Scenario "), NULL, 10);
        bool same = strcmp(text + strlen(lead), issue->title) == 0;
        /* "Regional outage (Supabase EU-West-1)": a scenario's heading may say more */
        if (!same && !(reader->form == ISSUE_OF_SCENARIO && text_starts(text_of(text + strlen(lead)), issue->title)))
            complain(reader, line,
                     arena_printf(reader->arena, "the heading says %s, the title %s",
                                  text_quote(reader->arena, text_of(text + strlen(lead)), 80),
                                  text_quote(reader->arena, text_of(issue->title), 80)),
                     "make them the same");
    } else if (reader->form == ISSUE_OF_RUNBOOK || level < 4) {
        complain(reader, line,
                 arena_printf(reader->arena, "a heading too many: %s", text_quote(reader->arena, text_of(text), 80)),
                 reader->form == ISSUE_OF_RUNBOOK
                     ? "there is one, \"### Issue: \" and the title"
                     : "there is one, \"### Scenario 1: \" and the title; others have four #");
    }
}

/* Text that people paste into the search: code among the symptoms. */
static void read_code(IssueReader *reader, cmark_node *node) {
    const char *text = cmark_node_get_literal(node);
    if (reader->part == ISSUE_SYMPTOMS && text[0] != '\0')
        *LIST_PUSH(reader->arena, reader->issue->error_texts) = arena_strdup(reader->arena, text);
}

static void read_code_block(IssueReader *reader, cmark_node *node) {
    Text info = text_trim(text_of(cmark_node_get_fence_info(node)));
    if (text_find(info, ' ') >= 0) {
        issue_block(reader, node);
        return;
    }
    for (Text rest = text_of(cmark_node_get_literal(node)); reader->part == ISSUE_SYMPTOMS && rest.length > 0;) {
        Text line = text_trim(text_cut(rest, '\n', &rest));
        if (line.length > 0)
            *LIST_PUSH(reader->arena, reader->issue->error_texts) = text_dup(reader->arena, line);
    }
}

static void read_node(IssueReader *reader, cmark_node *node) {
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HEADING:
        read_heading(reader, node);
        break;
    case CMARK_NODE_CODE_BLOCK:
        read_code_block(reader, node);
        break;
    case CMARK_NODE_CODE:
        read_code(reader, node);
        break;
    case CMARK_NODE_LINK:
    case CMARK_NODE_IMAGE:
        *LIST_PUSH(reader->arena, reader->issue->links) = (IssueLink){
            .url = arena_strdup(reader->arena, cmark_node_get_url(node)), .line = issue_body_line(reader, node)};
        break;
    case CMARK_NODE_ITEM:
        if (reader->part == ISSUE_SYMPTOMS &&
            cmark_node_get_type(cmark_node_parent(cmark_node_parent(node))) == CMARK_NODE_DOCUMENT)
            *LIST_PUSH(reader->arena, reader->issue->symptoms) = issue_body_text(reader->arena, node, true);
        break;
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_HTML_INLINE:
        complain(reader, issue_body_line(reader, node),
                 arena_printf(reader->arena, "HTML: %s",
                              text_quote(reader->arena, text_trim(text_of(cmark_node_get_literal(node))), 60)),
                 "it does not show when rendered: put it into `code`");
        break;
    default:
        break;
    }
}

static void walk(IssueReader *reader, cmark_node *document) {
    for (cmark_node *top = cmark_node_first_child(document); top != NULL; top = cmark_node_next(top)) {
        IssuePart part = reader->form == ISSUE_OF_RUNBOOK ? part_named(reader, top) : ISSUE_NOWHERE;
        if (part != ISSUE_NOWHERE) {
            enter_part(reader, top, part);
            continue;
        }
        cmark_iter *iter = cmark_iter_new(top);
        for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
            if (event == CMARK_EVENT_ENTER)
                read_node(reader, cmark_iter_get_node(iter));
        }
        cmark_iter_free(iter);
    }
}

/* A line that looks like the fence of an executable block and became none: indented too far, or swallowed by a block
 * above it that was not closed. Nobody would notice that the probe is gone. */
static void look_for_lost_blocks(IssueReader *reader) {
    for (size_t i = 0; i < reader->lines.count; i++) {
        Text line = text_trim(reader->lines.items[i]);
        int number = (int)i + 1 + reader->offset;
        bool fence = text_starts(line, "```") || text_starts(line, "~~~");
        if (!fence || text_find(text_trim(text_slice(line, 3, line.length)), ' ') < 0)
            continue;
        bool known = false;
        LIST_EACH (const IssueBlock, block, reader->issue->blocks) {
            known = known || block->line == number;
        }
        LIST_EACH (const IssueProblem, problem, reader->issue->problems) {
            known = known || problem->line == number;
        }
        if (!known)
            complain(reader, number, "this is no block: it is part of the text or of the block above it",
                     "close the block above it, put an empty line before it, and indent it as far as its list item");
    }
}

static void look_at_structure(IssueReader *reader) {
    Issue *issue = reader->issue;
    if (!reader->has_title)
        complain(reader, issue->markdown_line, "the heading is missing",
                 reader->form == ISSUE_OF_RUNBOOK ? "### Issue: and the title" : "### Scenario 1: and the title");
    for (IssuePart part = ISSUE_SYMPTOMS; reader->form == ISSUE_OF_RUNBOOK && part <= ISSUE_RELATED; part++) {
        if (issue->part_lines[part] == 0)
            complain(reader, 0, arena_printf(reader->arena, "the part %s is missing", issue_part_name(part)),
                     arena_printf(reader->arena, "a paragraph **%s:**", issue_part_name(part)));
    }
    if (reader->form == ISSUE_OF_RUNBOOK && issue_count(issue, ISSUE_PROBE) == 0)
        complain(reader, 0, "there is no probe", "a fenced block under Diagnosis, for example ```sql probe");
}

void issue_body(IssueReader *reader) {
    for (Text rest = reader->markdown; rest.length > 0;)
        *LIST_PUSH(reader->arena, reader->lines) = text_cut(rest, '\n', &rest);
    cmark_node *document = cmark_parse_document(reader->markdown.length > 0 ? reader->markdown.at : "",
                                                reader->markdown.length, CMARK_OPT_DEFAULT);
    walk(reader, document);
    cmark_node_free(document);
    look_for_lost_blocks(reader);
    if (reader->form != ISSUE_OF_TEXT)
        look_at_structure(reader);
}
