/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_TERMINAL_H
#define LIFEBOAT_CMD_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"

/*
 * Terminal: what may be done on an output stream. Colour only on a terminal that knows it, and never when NO_COLOR
 * (no-color.org) is set, TERM is dumb or --no-color was given; symbols beyond ASCII only in a UTF-8 locale. Colour
 * never carries meaning alone: every mark has a word beside it.
 */
typedef struct Terminal {
    bool interactive; /* a person is looking */
    bool colour;
    bool unicode;
    int width; /* columns: at most 100 so that lines stay readable, 80 when unknown */
} Terminal;

typedef enum TerminalStyle {
    TERMINAL_PLAIN,
    TERMINAL_BOLD,
    TERMINAL_DIM,
    TERMINAL_GREEN,
    TERMINAL_YELLOW,
    TERMINAL_RED,
    TERMINAL_CYAN,
} TerminalStyle;

typedef enum TerminalMark { TERMINAL_GOOD, TERMINAL_WARN, TERMINAL_BAD, TERMINAL_UNKNOWN, TERMINAL_NONE } TerminalMark;

/* setlocale(LC_CTYPE, "") must have been called. */
Terminal terminal_look(FILE *stream, bool no_colour);

/* "✓", "!", "✗", "?", "-" in their colours; "+", "!", "x", "?", "-" in ASCII. One column. */
const char *terminal_mark(Arena *arena, const Terminal *terminal, TerminalMark mark);

/* The text between the style's escape sequences, or as it is. */
const char *terminal_paint(Arena *arena, const Terminal *terminal, TerminalStyle style, const char *text);

/* Paragraphs (separated by an empty line) filled to `width` columns, each line indented; lines beginning with two
 * spaces are kept as they are. Ends with a newline. */
void terminal_fill(FILE *out, const char *text, int indent, int width);

/* "  ✓ text filled to the right of a mark", which is one column wide whatever terminal_mark put around it. */
void terminal_item(FILE *out, const char *mark, const char *text, int width);

/* One paragraph whose first line begins where the cursor stands, at column `column`; the others are indented to it. */
void terminal_fill_from(FILE *out, const char *text, int column, int width);

/* "  --max-age AGE    text filled in the second column": `column` is where the text begins. */
void terminal_entry(FILE *out, const char *name, const char *text, int column, int width);

#endif
