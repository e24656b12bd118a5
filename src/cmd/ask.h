/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_ASK_H
#define LIFEBOAT_CMD_ASK_H

#include "cmd/command.h"

/*
 * Questions on a terminal. Only for commands that can be given every answer by flags: whoever pipes is never asked.
 */

/* Both standard input and output are terminals. */
bool ask_possible(const CommandCall *call);

/* "Question [proposal]: "; an empty answer takes the proposal (may be ""). ERR_INTERRUPTED at Ctrl-C and Ctrl-D. */
Err *ask_text(const CommandCall *call, const char *question, const char *proposal, const char **out);

/* The same, not shown while it is typed. */
Err *ask_secret(const CommandCall *call, const char *question, const char **out);

/* "Question [Y/n]: " */
Err *ask_yes(const CommandCall *call, const char *question, bool proposal, bool *out);

#endif
