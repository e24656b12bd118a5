/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_HELP_H
#define LIFEBOAT_CMD_HELP_H

#include "cmd/command.h"

/*
 * Help texts, rendered from the rows. Nothing here knows a command by name.
 */

/* All commands by group, and where to go next: "lifeboat", "lifeboat --help". */
void help_overview(Arena *arena, FILE *out, const Terminal *terminal);

/* One command: "lifeboat help verify", "lifeboat verify --help". */
void help_command(Arena *arena, FILE *out, const Terminal *terminal, const Command *command);

/* Summary with the default in brackets, as the help shows it: "oldest acceptable backup [24h]". */
const char *help_option_text(Arena *arena, const Option *row);

/* A summary as a sentence: first letter upper case, full stop. */
const char *help_sentence(Arena *arena, const char *summary);

#endif
