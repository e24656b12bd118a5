/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_COMMAND_H
#define LIFEBOAT_CMD_COMMAND_H

#include <stdio.h>

#include "base/err.h"
#include "base/option.h"

/*
 * Command: one file and one row. main.c finds the row by its name, parses the options it lists, and calls run. Results
 * go to `out`, messages to standard error through log or command_say. The exit status comes back in *status; an error
 * is printed by main.c with its chain and hint, and mapped to its status.
 */
typedef struct CommandCall {
    Arena *arena;
    const Settings *settings;
    const char *const *operands;
    size_t operand_count;
    FILE *out;
    int *status;
} CommandCall;

typedef struct Command {
    const char *name;
    const char *group;                   /* "verify", "look", "set up", ...: heading in the help */
    const char *synopsis;                /* "verify [PATH ...]" */
    const char *summary;                 /* one line */
    const char *detail;                  /* paragraphs for help and manual */
    const char *examples;                /* lines: "$ command" then what it does */
    const Option *const *options;        /* its own rows, NULL-terminated */
    void (*declare)(Settings *settings); /* further rows (checks', verify's), or NULL */
    Err *(*run)(CommandCall *call);
} Command;

extern const Command *const command_table[]; /* NULL-terminated, in help order */
extern const Option
    *const command_options[]; /* of every command: --config, --help, --log-level, --log-format, --no-color */

const Command *command_find(const char *name);

#endif
