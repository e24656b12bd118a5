/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/page.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

enum { PAGE_MAXIMUM = 16 << 20 };

/* Where the making of one page is. */
typedef struct Writer {
    Arena *arena;
    const PageRequest *request;
    const Issue *issue;
    Buf *out;
    Buf *text; /* lines of running text that wait to be filled in */
} Writer;

const char *page_anchor(Arena *arena, const char *heading) {
    Buf *out = buf_new(arena, 4096);
    for (const char *at = heading; *at != '\0'; at++) {
        if (isalnum((unsigned char)*at) || *at == '-' || *at == '_' || (unsigned char)*at >= 128)
            buf_byte(out, (char)((unsigned char)*at < 128 ? tolower((unsigned char)*at) : *at));
        else if (*at == ' ')
            buf_byte(out, '-');
    }
    return out->at;
}

const char *page_heading(const Issue *issue) {
    return issue->heading[0] != '\0' ? issue->heading : issue->title;
}

const char *page_cell(Arena *arena, const char *text) {
    Buf *out = buf_new(arena, PAGE_MAXIMUM);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '|')
            buf_string(out, "\\|");
        else
            buf_byte(out, *at == '\n' ? ' ' : *at);
    }
    return out->at;
}

const Issue *page_linked_issue(Arena *arena, const Runbook *runbook, const char *url) {
    Text text = text_of(url);
    ptrdiff_t hash = text_find(text, '#');
    if (hash >= 0)
        text.length = (size_t)hash;
    if (!text_ends(text, ".md") || strstr(url, "://") != NULL)
        return NULL;
    text.length -= 3;
    for (Text rest = text; rest.length > 0;)
        text = text_cut(rest, '/', &rest);
    return runbook_find(runbook, text_dup(arena, text));
}

/* "runbook/database" and "../../docs/x.md": "docs/x.md". */
static const char *from_root(Arena *arena, const char *folder, Text url) {
    LIST(Text) parts = {0};
    for (Text rest = text_of(arena_printf(arena, "%s/%.*s", folder, TEXT_ARG(url))); rest.length > 0;) {
        Text part = text_cut(rest, '/', &rest);
        if (text_is(part, "..") && parts.count > 0)
            parts.count--;
        else if (!text_is(part, ".") && part.length > 0)
            *LIST_PUSH(arena, parts) = part;
    }
    const char *path = "";
    LIST_EACH (Text, part, parts) {
        path = arena_printf(arena, "%s%s%.*s", path, path[0] == '\0' ? "" : "/", TEXT_ARG(*part));
    }
    return path;
}

/* A chapter or scenario by the name of its file, or NULL. */
static const Issue *linked_chapter(const Plan *plan, Text url) {
    const char *slash = memrchr(url.at, '/', url.length);
    Text name = slash == NULL ? url : text_slice(url, (size_t)(slash + 1 - url.at), url.length);
    LIST_EACH (Issue *const, issue, plan->issues) {
        const char *base = strrchr((*issue)->file, '/');
        if (text_is(name, base == NULL ? (*issue)->file : base + 1))
            return *issue;
    }
    return NULL;
}

/* Where a link leads from the one file that everything is rendered into. */
static const char *new_url(Writer *writer, Text url) {
    Arena *arena = writer->arena;
    const char *written = text_dup(arena, url);
    bool plan = writer->request->links == PAGE_LINKS_IN_PLAN;
    if (url.length == 0 || url.at[0] == '#' || url.at[0] == '/' || strstr(written, "://") != NULL ||
        text_starts(url, "mailto:"))
        return written;
    const Issue *issue = page_linked_issue(arena, writer->request->runbook, written);
    if (issue != NULL)
        return arena_printf(arena, "%s#%s", plan ? "RUNBOOK.md" : "", page_anchor(arena, page_heading(issue)));
    const Issue *chapter = plan ? linked_chapter(writer->request->plan, url) : NULL;
    if (chapter != NULL)
        return arena_printf(arena, "#%s", page_anchor(arena, page_heading(chapter)));
    return from_root(arena, plan ? "plan" : arena_printf(arena, "runbook/%s", writer->issue->section), url);
}

static void put_links(Writer *writer, Text text) {
    const char *at = text.at, *end = text.at + text.length;
    while (at != NULL && at < end) {
        const char *open = memmem(at, (size_t)(end - at), "](", 2);
        const char *close = open == NULL ? NULL : memchr(open, ')', (size_t)(end - open));
        if (close == NULL)
            break;
        buf_append(writer->out, at, (size_t)(open + 2 - at));
        buf_string(writer->out, new_url(writer, (Text){open + 2, (size_t)(close - open - 2)}));
        at = close;
    }
    if (at != NULL && at < end)
        buf_append(writer->out, at, (size_t)(end - at));
}

static void flush(Writer *writer) {
    const char *filled = parameter_shown_text(writer->arena, writer->request->values, writer->text->at);
    if (writer->request->links == PAGE_LINKS_AS_WRITTEN)
        buf_string(writer->out, filled);
    else
        put_links(writer, text_of(filled));
    buf_clear(writer->text);
}

static void put_line(Buf *out, Text line) {
    buf_text(out, line);
    buf_byte(out, '\n');
}

static bool is_fence(Text line, char *byte, size_t *length) {
    line = text_trim(line);
    *length = 0;
    *byte = line.length > 0 ? line.at[0] : '\0';
    while (*length < line.length && line.at[*length] == *byte)
        (*length)++;
    return (*byte == '`' || *byte == '~') && *length >= 3;
}

static const IssueBlock *block_at(const Issue *issue, int line) {
    LIST_EACH (const IssueBlock, block, issue->blocks) {
        if (block->line == line)
            return block;
    }
    return NULL;
}

/* What a block of a scenario is: "*step, 5 minutes, on the source:*". */
static void put_label(Writer *writer, Text indent, const IssueBlock *block) {
    static const char *const texts[] = {"fault (in a drill only)", "step", "expect (must print something)", "undo"};
    buf_text(writer->out, indent);
    buf_printf(writer->out, "*%s", texts[block->role - ISSUE_FAULT]);
    if (block->minutes > 0)
        buf_printf(writer->out, ", %d minute%s", block->minutes, block->minutes == 1 ? "" : "s");
    buf_printf(writer->out, ", on the %s:*\n\n", issue_server_name(block->server));
}

/* From the opening fence to the closing one; *rest is what is behind. Returns the lines read. */
static int put_block(Writer *writer, Text opening, Text *rest, int line) {
    const IssueBlock *block = block_at(writer->issue, line);
    char byte = 0, other = 0;
    size_t opened = 0, closed = 0;
    int lines = 1;
    Buf *body = buf_new(writer->arena, PAGE_MAXIMUM);
    Text closing = {0};
    is_fence(opening, &byte, &opened);
    while (rest->length > 0 && closing.length == 0) {
        Text next = text_cut(*rest, '\n', rest);
        lines++;
        if (is_fence(next, &other, &closed) && other == byte && closed >= opened && text_trim(next).length == closed)
            closing = next;
        else
            put_line(body, next);
    }
    size_t indent = (size_t)(text_trim(opening).at - opening.at);
    if (block != NULL && block->role >= ISSUE_FAULT)
        put_label(writer, text_slice(opening, 0, indent), block);
    if (block != NULL)
        buf_printf(writer->out, "%.*s%s\n", TEXT_ARG(text_slice(opening, 0, indent + opened)),
                   issue_kind_name(block->kind));
    else
        put_line(writer->out, opening);
    buf_string(writer->out, parameter_shown(writer->arena, writer->request->values,
                                            block == NULL ? ISSUE_LOG : block->kind, body->at));
    put_line(writer->out, closing);
    return lines;
}

const char *page_facts(Arena *arena, const Runbook *runbook, const Issue *issue) {
    if (issue->number > 0)
        return arena_printf(arena, "`%s` · severity %s · RTO %s, RPO %s · the steps take %d minutes", issue->id,
                            issue_severity_name(issue->severity), issue->rto, issue->rpo, issue_minutes(issue));
    const RunbookTested *tested = runbook_tested(runbook, issue->id);
    const char *proof =
        tested != NULL ? arena_printf(arena, "last tested %s on %s: %s", tested->date, tested->server, tested->result)
        : issue->not_tested != NULL ? arena_printf(arena, "not tested: %s", issue->not_tested)
                                    : "not tested yet";
    return arena_printf(arena, "`%s` · severity %s · owner %s · danger of the resolution: %s (%s) · %s", issue->id,
                        issue_severity_name(issue->severity), issue->owner, issue_danger_name(issue->danger),
                        issue_danger_text(issue->danger), proof);
}

static void put_heading(Writer *writer, Text line, bool *had_facts) {
    flush(writer);
    size_t level = 0;
    while (level < line.length && line.at[level] == '#')
        level++;
    for (int i = 0; i < writer->request->deeper; i++)
        buf_byte(writer->text, '#');
    put_line(writer->text, line);
    flush(writer);
    bool title = text_starts(line, "### Issue: ") || text_starts(line, "### Scenario ");
    if (writer->request->facts && !*had_facts && level == 3 && title) {
        *had_facts = true;
        buf_printf(writer->out, "\n*%s*\n", page_facts(writer->arena, writer->request->runbook, writer->issue));
    }
}

static bool is_heading(Text line) {
    size_t level = 0;
    while (level < line.length && line.at[level] == '#')
        level++;
    return level > 0 && level <= 6 && level < line.length && line.at[level] == ' ';
}

const char *page_text(Arena *arena, const PageRequest *request, const Issue *issue) {
    Writer writer = {.arena = arena,
                     .request = request,
                     .issue = issue,
                     .out = buf_new(arena, PAGE_MAXIMUM),
                     .text = buf_new(arena, PAGE_MAXIMUM)};
    bool had_facts = false;
    int line = issue->markdown_line;
    for (Text rest = text_of(issue->markdown); rest.length > 0; line++) {
        char byte = 0;
        size_t length = 0;
        Text next = text_cut(rest, '\n', &rest);
        if (is_fence(next, &byte, &length)) {
            flush(&writer);
            line += put_block(&writer, next, &rest, line) - 1;
        } else if (is_heading(next)) {
            put_heading(&writer, next, &had_facts);
        } else {
            put_line(writer.text, next);
        }
    }
    flush(&writer);
    const char *text = writer.out->at;
    return text + strspn(text, "\n");
}
