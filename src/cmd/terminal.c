/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

enum { TERMINAL_WIDTH = 80, TERMINAL_WIDEST = 100, TERMINAL_NARROWEST = 40 };

static int width_of(int descriptor) {
    struct winsize size = {0};
    uint64_t columns = 0;
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = size.ws_col;
    else if (!text_to_u64(text_of(getenv("COLUMNS")), &columns) || columns == 0)
        columns = TERMINAL_WIDTH;
    return columns > TERMINAL_WIDEST      ? TERMINAL_WIDEST
           : columns < TERMINAL_NARROWEST ? TERMINAL_NARROWEST
                                          : (int)columns;
}

Terminal terminal_look(FILE *stream, bool no_colour) {
    const char *kind = getenv("TERM"), *refused = getenv("NO_COLOR");
    bool interactive = isatty(fileno(stream)) == 1;
    bool dumb = kind == NULL || kind[0] == '\0' || strcmp(kind, "dumb") == 0;
    return (Terminal){
        .interactive = interactive,
        .colour = interactive && !dumb && !no_colour && (refused == NULL || refused[0] == '\0'),
        .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .width = interactive ? width_of(fileno(stream)) : TERMINAL_WIDTH,
    };
}

const char *terminal_paint(Arena *arena, const Terminal *terminal, TerminalStyle style, const char *text) {
    static const char *const codes[] = {
        [TERMINAL_PLAIN] = "0",   [TERMINAL_BOLD] = "1", [TERMINAL_DIM] = "2",   [TERMINAL_GREEN] = "32",
        [TERMINAL_YELLOW] = "33", [TERMINAL_RED] = "31", [TERMINAL_CYAN] = "36",
    };
    if (!terminal->colour || style == TERMINAL_PLAIN)
        return text;
    return arena_printf(arena, "\033[%sm%s\033[0m", codes[style], text);
}

const char *terminal_mark(Arena *arena, const Terminal *terminal, TerminalMark mark) {
    static const struct {
        const char *symbol, *ascii;
        TerminalStyle style;
    } marks[] = {
        [TERMINAL_GOOD] = {"✓", "+", TERMINAL_GREEN}, [TERMINAL_WARN] = {"!", "!", TERMINAL_YELLOW},
        [TERMINAL_BAD] = {"✗", "x", TERMINAL_RED},    [TERMINAL_UNKNOWN] = {"?", "?", TERMINAL_YELLOW},
        [TERMINAL_NONE] = {"-", "-", TERMINAL_DIM},
    };
    return terminal_paint(arena, terminal, marks[mark].style,
                          terminal->unicode ? marks[mark].symbol : marks[mark].ascii);
}

/* Columns of a text that may hold what terminal_paint puts around words. */
static int columns_of(const char *text) {
    int columns = 0;
    Arena *scratch = arena_new();
    for (Text rest = text_of(text); rest.length > 0;) {
        Text plain = text_cut(rest, '\033', &rest);
        columns += text_width(text_dup(scratch, plain));
        ptrdiff_t end = text_find(rest, 'm');
        rest = text_slice(rest, end < 0 ? rest.length : (size_t)end + 1, rest.length);
    }
    arena_free(scratch);
    return columns;
}

static void pad(FILE *out, int columns) {
    fprintf(out, "%*s", columns < 0 ? 0 : columns, "");
}

/* One paragraph; the cursor already stands at `at` columns. */
static void fill_paragraph(FILE *out, Text paragraph, int at, int indent, int width) {
    bool first = true;
    for (size_t from = 0; from < paragraph.length;) {
        size_t to = from;
        while (to < paragraph.length && paragraph.at[to] != ' ' && paragraph.at[to] != '\n')
            to++;
        Arena *scratch = arena_new();
        const char *word = text_dup(scratch, text_slice(paragraph, from, to));
        int columns = columns_of(word);
        if (columns > 0 && !first && at + 1 + columns > width) {
            fputc('\n', out);
            pad(out, indent);
            at = indent;
            first = true;
        }
        if (columns > 0) {
            fprintf(out, "%s%s", first ? "" : " ", word);
            at += columns + !first;
            first = false;
        }
        arena_free(scratch);
        from = to + 1;
    }
    fputc('\n', out);
}

void terminal_fill_from(FILE *out, const char *text, int column, int width) {
    fill_paragraph(out, text_of(text), column, column, width);
}

static size_t end_of_line(Text text) {
    ptrdiff_t end = text_find(text, '\n');
    return end < 0 ? text.length : (size_t)end;
}

/* Lines up to an empty one or one that is to be kept as it is. */
static size_t end_of_paragraph(Text text) {
    size_t end = 0;
    while (end < text.length) {
        Text rest = text_slice(text, end, text.length);
        if (end > 0 && (text_starts(rest, "\n") || text_starts(rest, "  ")))
            break;
        end += end_of_line(rest) + 1;
    }
    return end > text.length ? text.length : end;
}

void terminal_fill(FILE *out, const char *text, int indent, int width) {
    for (Text rest = text_of(text); rest.length > 0;) {
        size_t end = end_of_line(rest);
        if (end == 0) {
            fputc('\n', out);
        } else if (text_starts(rest, "  ")) {
            pad(out, indent);
            fprintf(out, "%.*s\n", TEXT_ARG(text_slice(rest, 0, end)));
        } else {
            end = end_of_paragraph(rest) - 1;
            pad(out, indent);
            fill_paragraph(out, text_slice(rest, 0, end + 1), indent, indent, width);
        }
        rest = text_slice(rest, end + 1, rest.length);
    }
}

void terminal_entry(FILE *out, const char *name, const char *text, int column, int width) {
    int at = 2 + columns_of(name);
    fprintf(out, "  %s", name);
    if (at + 2 > column) {
        fputc('\n', out);
        at = 0;
    }
    pad(out, column - at);
    fill_paragraph(out, text_of(text), column, column, width);
}

void terminal_item(FILE *out, const char *mark, const char *text, int width) {
    fprintf(out, "  %s ", mark);
    fill_paragraph(out, text_of(text), 4, 4, width);
}
