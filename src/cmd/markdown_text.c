/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/markdown_text.h"

#include <cmark.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { TEXT_MAXIMUM = 1 << 20, DEEPEST = 40 };

typedef struct Printer {
    Arena *arena;
    FILE *out;
    const Terminal *terminal;
    bool first; /* nothing was printed yet: no empty line before the next block */
} Printer;

static void put_blocks(Printer *printer, cmark_node *parent, int indent, int depth);

static void put_inline(const Printer *printer, cmark_node *parent, Buf *out, int depth) {
    for (cmark_node *node = cmark_node_first_child(parent); node != NULL && depth < DEEPEST;
         node = cmark_node_next(node)) {
        cmark_node_type type = cmark_node_get_type(node);
        const char *literal = cmark_node_get_literal(node);
        literal = literal == NULL ? "" : text_safe(printer->arena, literal);
        if (type == CMARK_NODE_CODE && printer->terminal->colour)
            buf_string(out, terminal_paint(printer->arena, printer->terminal, TERMINAL_CYAN, literal));
        else if (type == CMARK_NODE_CODE)
            buf_printf(out, "`%s`", literal);
        else if (type == CMARK_NODE_TEXT || type == CMARK_NODE_HTML_INLINE)
            buf_string(out, literal);
        else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
            buf_byte(out, ' ');
        Buf *inside = buf_new(printer->arena, TEXT_MAXIMUM);
        put_inline(printer, node, inside, depth + 1);
        TerminalStyle style = type == CMARK_NODE_STRONG ? TERMINAL_BOLD : TERMINAL_PLAIN;
        if (inside->length > 0)
            buf_string(out, terminal_paint(printer->arena, printer->terminal, style, inside->at));
        const char *url = type == CMARK_NODE_LINK ? cmark_node_get_url(node) : "";
        if (strstr(url, "://") != NULL && strcmp(url, inside->at) != 0)
            buf_printf(out, " (%s)", text_safe(printer->arena, url));
        else if (text_ends(text_of(url), ".md"))
            buf_printf(out, " (%.*s)", (int)(strlen(strrchr(url, '/') == NULL ? url : strrchr(url, '/') + 1) - 3),
                       strrchr(url, '/') == NULL ? url : strrchr(url, '/') + 1);
    }
}

static const char *inline_text(const Printer *printer, cmark_node *node) {
    Buf *out = buf_new(printer->arena, TEXT_MAXIMUM);
    put_inline(printer, node, out, 0);
    return out->at;
}

static void pad(const Printer *printer, int columns) {
    fprintf(printer->out, "%*s", columns, "");
}

static void put_code(const Printer *printer, cmark_node *node, int indent) {
    for (Text rest = text_of(cmark_node_get_literal(node)); rest.length > 0;) {
        const char *line = text_safe(printer->arena, text_dup(printer->arena, text_cut(rest, '\n', &rest)));
        if (line[0] != '\0') {
            pad(printer, indent + 4);
            fputs(terminal_paint(printer->arena, printer->terminal, TERMINAL_CYAN, line), printer->out);
        }
        fputc('\n', printer->out);
    }
}

/* A table is a paragraph to CommonMark: its lines stay as they are. */
static bool put_table(const Printer *printer, cmark_node *node, int indent) {
    cmark_node *first = cmark_node_first_child(node);
    const char *literal = first == NULL ? NULL : cmark_node_get_literal(first);
    if (literal == NULL || literal[0] != '|')
        return false;
    char *text = cmark_render_commonmark(node, CMARK_OPT_DEFAULT, 0);
    for (Text rest = text_trim(text_of(text)); rest.length > 0;) {
        pad(printer, indent);
        fprintf(printer->out, "%s\n", text_safe(printer->arena, text_dup(printer->arena, text_cut(rest, '\n', &rest))));
    }
    free(text);
    return true;
}

static void put_list(Printer *printer, cmark_node *list, int indent, int depth) {
    int number = cmark_node_get_list_start(list);
    bool ordered = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
    for (cmark_node *item = cmark_node_first_child(list); item != NULL; item = cmark_node_next(item), number++) {
        const char *mark = ordered ? arena_printf(printer->arena, "%d. ", number) : "- ";
        if (!printer->first && !cmark_node_get_list_tight(list) && item != cmark_node_first_child(list))
            fputc('\n', printer->out);
        pad(printer, indent);
        fputs(mark, printer->out);
        printer->first = true;
        put_blocks(printer, item, indent + (int)strlen(mark), depth + 1);
        printer->first = false;
    }
}

/* `column` is where the cursor stands: a list's mark may be before it. */
static void put_block(Printer *printer, cmark_node *node, int indent, int depth) {
    bool at_mark = printer->first && depth > 0;
    cmark_node_type type = cmark_node_get_type(node);
    if (!printer->first && !(type == CMARK_NODE_LIST && depth > 0))
        fputc('\n', printer->out);
    if (!at_mark && (type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING))
        pad(printer, indent);
    if (type == CMARK_NODE_HEADING) {
        terminal_fill_from(printer->out,
                           terminal_paint(printer->arena, printer->terminal, TERMINAL_BOLD, inline_text(printer, node)),
                           indent, printer->terminal->width);
    } else if (type == CMARK_NODE_PARAGRAPH) {
        if (!put_table(printer, node, 0))
            terminal_fill_from(printer->out, inline_text(printer, node), indent, printer->terminal->width);
    } else if (type == CMARK_NODE_CODE_BLOCK) {
        if (at_mark)
            fputc('\n', printer->out);
        put_code(printer, node, indent);
    } else if (type == CMARK_NODE_LIST) {
        put_list(printer, node, indent, depth);
    } else if (type == CMARK_NODE_BLOCK_QUOTE) {
        printer->first = true;
        put_blocks(printer, node, indent + 2, depth);
    }
    printer->first = false;
}

static void put_blocks(Printer *printer, cmark_node *parent, int indent, int depth) {
    cmark_node *node = cmark_node_first_child(parent);
    if (node == NULL)
        fputc('\n', printer->out);
    for (; node != NULL && depth < DEEPEST; node = cmark_node_next(node))
        put_block(printer, node, indent, depth);
}

void markdown_text(Arena *arena, FILE *out, const Terminal *terminal, const char *markdown) {
    Printer printer = {.arena = arena, .out = out, .terminal = terminal, .first = true};
    cmark_node *document = cmark_parse_document(markdown, strlen(markdown), CMARK_OPT_DEFAULT);
    put_blocks(&printer, document, 0, 0);
    cmark_node_free(document);
}

const char *markdown_text_line(Arena *arena, const Terminal *terminal, const char *markdown) {
    Printer printer = {.arena = arena, .terminal = terminal};
    cmark_node *document = cmark_parse_document(markdown, strlen(markdown), CMARK_OPT_DEFAULT);
    cmark_node *first = cmark_node_first_child(document);
    const char *text = first == NULL ? "" : inline_text(&printer, first);
    cmark_node_free(document);
    return text;
}
