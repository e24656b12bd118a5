/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/markdown_text.h"

#include <cmark.h>
#include <string.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/text.h"

enum { TEXT_MAXIMUM = 1 << 20, DEEPEST = 40, TABLE_WIDEST = 34 };

typedef struct Printer {
    Arena *arena;
    FILE *out;
    const Terminal *terminal;
    bool keeps_lines; /* a line of a table ends where it ends */
    bool first;       /* nothing was printed yet: no empty line before the next block */
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
            buf_byte(out, printer->keeps_lines ? '\n' : ' ');
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

/* --- tables: a paragraph to CommonMark, whose lines begin with a bar --- */

typedef LIST(const char *) Lines;

static void split_lines(const Printer *printer, cmark_node *paragraph, Lines *out) {
    for (Text rest = text_of(inline_text(printer, paragraph)); rest.length > 0;)
        *LIST_PUSH(printer->arena, *out) = text_dup(printer->arena, text_trim(text_cut(rest, '\n', &rest)));
}

/* "|---|:-:|", and the empty head of a table that needs none. */
static bool says_nothing(const char *line) {
    return strspn(line, "|-: ") == strlen(line);
}

/* The first cell, and the others as one text. */
static void split_cells(const Printer *printer, const char *line, const char **first, const char **others) {
    Text rest = text_of(line + 1);
    if (text_ends(rest, "|"))
        rest.length--;
    *first = text_dup(printer->arena, text_trim(text_cut(rest, '|', &rest)));
    *others = "";
    while (rest.length > 0) {
        Text cell = text_trim(text_cut(rest, '|', &rest));
        *others = arena_printf(printer->arena, "%s%s%.*s", *others, (*others)[0] == '\0' ? "" : " - ", TEXT_ARG(cell));
    }
}

static bool put_table(Printer *printer, cmark_node *node) {
    cmark_node *child = cmark_node_first_child(node);
    const char *literal = child == NULL ? NULL : cmark_node_get_literal(child);
    Lines lines = {0};
    int column = 0;
    if (literal == NULL || literal[0] != '|')
        return false;
    printer->keeps_lines = true;
    split_lines(printer, node, &lines);
    printer->keeps_lines = false;
    const char *first = NULL, *others = NULL;
    LIST_EACH (const char *const, line, lines) {
        split_cells(printer, *line, &first, &others);
        int width = text_width(first) + 4;
        column = width > column ? width : column;
    }
    column = column > TABLE_WIDEST ? TABLE_WIDEST : column;
    for (size_t i = 0; i < lines.count; i++) {
        bool head = i + 1 < lines.count && i == 0 && says_nothing(lines.items[1]);
        if (says_nothing(lines.items[i]))
            continue;
        split_cells(printer, lines.items[i], &first, &others);
        TerminalStyle style = head ? TERMINAL_BOLD : TERMINAL_PLAIN;
        terminal_entry(printer->out, terminal_paint(printer->arena, printer->terminal, style, first),
                       terminal_paint(printer->arena, printer->terminal, style, others), column,
                       printer->terminal->width);
    }
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
    if (!at_mark && type == CMARK_NODE_HEADING)
        pad(printer, indent);
    if (type == CMARK_NODE_HEADING) {
        terminal_fill_from(printer->out,
                           terminal_paint(printer->arena, printer->terminal, TERMINAL_BOLD, inline_text(printer, node)),
                           indent, printer->terminal->width);
    } else if (type == CMARK_NODE_PARAGRAPH) {
        if (!put_table(printer, node)) {
            pad(printer, at_mark ? 0 : indent);
            terminal_fill_from(printer->out, inline_text(printer, node), indent, printer->terminal->width);
        }
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
