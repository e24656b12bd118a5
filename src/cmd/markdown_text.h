/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_MARKDOWN_TEXT_H
#define LIFEBOAT_CMD_MARKDOWN_TEXT_H

#include "cmd/terminal.h"

/*
 * Markdown on a terminal: filled to its width, with headings, lists and code as they are read best. Control characters
 * are made visible. Code is never broken into lines: it can be copied.
 */
void markdown_text(Arena *arena, FILE *out, const Terminal *terminal, const char *markdown);

/* Words of one line, with `code` and **strong** as the terminal can show them. */
const char *markdown_text_line(Arena *arena, const Terminal *terminal, const char *markdown);

#endif
