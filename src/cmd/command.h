/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_COMMAND_H
#define LIFEBOAT_CMD_COMMAND_H

#include <stdio.h>

#include "base/config.h"
#include "base/err.h"
#include "base/option.h"
#include "cmd/terminal.h"

/*
 * Command: one file and one row. main.c finds the row by its name, parses the options it lists, and calls run. Results
 * go to `out`, messages to standard error through log. The exit status comes back in *status (0 unless set); an error
 * is printed by main.c with its chain and hint, and mapped to its status (cmd/exit_status.h).
 *
 * The row of cmd_verify.c is `const Command cmd_verify`; a line in command.c's table makes it known.
 */
typedef struct CommandCall {
    Arena *arena;
    const Settings *settings;
    const char *const *operands;
    size_t operand_count;
    FILE *out;
    const Terminal *terminal; /* facts about `out` */
    int *status;
} CommandCall;

#define COMMAND_GROUP_VERIFY "Verify backups"
#define COMMAND_GROUP_RESTORE "Bring them back"
#define COMMAND_GROUP_TAKE "Take and keep backups"
#define COMMAND_GROUP_LOOK "Look closer"
#define COMMAND_GROUP_RUNBOOK "When something is broken"
#define COMMAND_GROUP_SETUP "Set up"
#define COMMAND_GROUP_HELP "Help and reference"

typedef struct Command {
    const char *name;
    const char *group;                   /* COMMAND_GROUP_...: heading in the help */
    const char *synopsis;                /* "verify [PATH ...]": without the options */
    const char *summary;                 /* one line */
    const char *detail;                  /* paragraphs (see terminal_fill) for help and manual */
    const char *examples;                /* lines: "$ command" and, on the next line, what it does */
    const Option *const *options;        /* its own rows, NULL-terminated */
    void (*declare)(Settings *settings); /* further rows (checks', verify's), or NULL */
    Err *(*run)(CommandCall *call);
} Command;

extern const Command *const command_table[]; /* NULL-terminated, in help order */
/* Of every command: --config, --help, --log-level, --log-format, --no-color. */
extern const Option *const command_options[];

extern const Option command_config;   /* --config */
extern const Option command_help;     /* --help */
extern const Option command_no_color; /* --no-color */

const Command *command_find(const char *name);

/* The command that the first words name; *used of them, two for a subcommand ("runbook list"). NULL when there is none.
 */
const Command *command_find_words(const char *const *words, size_t count, size_t *used);

/* A subcommand has two words in its name; the first is the command that it belongs to, a row of its own. */
bool command_is_sub(const Command *command);
bool command_is_sub_of(const Command *command, const Command *parent);

/* ERR_USAGE for a second word that is no subcommand of the command, with a suggestion. */
Err *command_unknown_sub(Arena *arena, const Command *parent, const char *word);

/* ERR_USAGE for a name that is no command, with a suggestion. */
Err *command_unknown(Arena *arena, const char *name);

/* Settings with every row of the command declared: its own, what `declare` adds, and the common ones. */
Settings *command_settings(Arena *arena, const Command *command);

/* ERR_USAGE unless there are between `least` and `most` operands. */
Err *command_expect_operands(const CommandCall *call, size_t least, size_t most);

/* The configuration of this call (--config, or wherever config_find looks); an empty one when there is no file. */
Err *command_read_config(const CommandCall *call, Config **out);

#endif
