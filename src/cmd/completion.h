/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_COMPLETION_H
#define LIFEBOAT_CMD_COMPLETION_H

#include "base/buf.h"

/*
 * Shell completion, written from the rows: commands, their flags, the choices of a flag, and operands, whose kind is
 * told from the word in the command's synopsis (PATH, COMMAND, ID, PAGE, SHELL).
 */
typedef struct CompletionShell {
    const char *name;    /* "bash" */
    const char *install; /* where a user puts the script */
    void (*render)(Arena *arena, Buf *out);
} CompletionShell;

extern const CompletionShell completion_shells[]; /* ends with a NULL name */

#endif
