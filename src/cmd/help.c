/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/help.h"

#include <string.h>

enum { HELP_COMMAND_COLUMN = 16, HELP_OPTION_COLUMN = 28 };

static void heading(Arena *arena, FILE *out, const Terminal *terminal, const char *text) {
    fprintf(out, "\n%s\n", terminal_paint(arena, terminal, TERMINAL_BOLD, text));
}

const char *help_sentence(Arena *arena, const char *summary) {
    char *sentence = arena_printf(arena, "%s%s", summary, text_ends(text_of(summary), ".") ? "" : ".");
    /* the program's own name stays as it is */
    if (sentence[0] >= 'a' && sentence[0] <= 'z' && !text_starts(text_of(sentence), "lifeboat"))
        sentence[0] = (char)(sentence[0] - 'a' + 'A');
    return sentence;
}

void help_overview(Arena *arena, FILE *out, const Terminal *terminal) {
    fputs("lifeboat: if your PostgreSQL database died now, would you get it back?\n\n", out);
    fputs("  $ lifeboat verify app.dump        verify one backup, no configuration needed\n", out);
    fputs("  $ lifeboat verify /var/backups    ... the newest backup in a folder\n", out);
    fputs("  $ lifeboat help verify            all about one command\n", out);
    const char *group = "";
    for (size_t i = 0; command_table[i] != NULL; i++) {
        const Command *command = command_table[i];
        if (command_is_sub(command))
            continue;
        if (strcmp(command->group, group) != 0)
            heading(arena, out, terminal, command->group);
        group = command->group;
        terminal_entry(out, command->name, command->summary, HELP_COMMAND_COLUMN, terminal->width);
    }
    fputs("\nExit status: 0 pass or warning, 1 fail, 2 could not tell, 64 wrong call,\n"
          "78 wrong configuration, 130 interrupted.\n",
          out);
}

const char *help_option_text(Arena *arena, const Option *row) {
    if (row->fallback == NULL || row->fallback[0] == '\0' || row->type == OPTION_FLAG)
        return row->summary;
    return arena_printf(arena, "%s [%s]", row->summary, row->fallback);
}

static void put_option(Arena *arena, FILE *out, const Terminal *terminal, const Option *row) {
    const char *flag = option_flag_text(arena, row);
    if (flag == NULL)
        return;
    /* long names line up whether or not a letter stands before them */
    const char *name = row->letter == 0 ? arena_printf(arena, "    %s", flag) : flag;
    terminal_entry(out, name, help_option_text(arena, row), HELP_OPTION_COLUMN, terminal->width);
}

static void put_examples(Arena *arena, FILE *out, const Terminal *terminal, const char *examples) {
    for (Text rest = text_of(examples); rest.length > 0;) {
        const char *line = text_dup(arena, text_cut(rest, '\n', &rest));
        if (text_starts(text_of(line), "$ "))
            fprintf(out, "  %s\n", terminal_paint(arena, terminal, TERMINAL_CYAN, line));
        else if (line[0] != '\0')
            terminal_fill(out, line, 6, terminal->width);
    }
}

static void put_subcommands(Arena *arena, FILE *out, const Terminal *terminal, const Command *parent) {
    bool first = true;
    for (size_t i = 0; command_table[i] != NULL; i++) {
        if (!command_is_sub_of(command_table[i], parent))
            continue;
        if (first)
            heading(arena, out, terminal, "Subcommands");
        first = false;
        terminal_entry(out, command_table[i]->name + strlen(parent->name) + 1, command_table[i]->summary,
                       HELP_COMMAND_COLUMN, terminal->width);
    }
}

static bool is_common(const Option *row) {
    for (size_t i = 0; command_options[i] != NULL; i++) {
        if (command_options[i] == row)
            return true;
    }
    return false;
}

void help_command(Arena *arena, FILE *out, const Terminal *terminal, const Command *command) {
    size_t count = 0, common = 0;
    const Option *const *rows = settings_rows(command_settings(arena, command), &count);
    for (size_t i = 0; i < count; i++)
        common += is_common(rows[i]);
    fprintf(
        out, "%s\n",
        terminal_paint(arena, terminal, TERMINAL_BOLD,
                       arena_printf(arena, "lifeboat %s%s", command->synopsis, count > common ? " [OPTION ...]" : "")));
    terminal_fill(out, help_sentence(arena, command->summary), 2, terminal->width);
    put_subcommands(arena, out, terminal, command);
    if (command->examples != NULL) {
        heading(arena, out, terminal, "Examples");
        put_examples(arena, out, terminal, command->examples);
    }
    if (command->detail != NULL) {
        heading(arena, out, terminal, "What it does");
        terminal_fill(out, command->detail, 2, terminal->width);
    }
    if (count > common)
        heading(arena, out, terminal, "Options");
    for (size_t i = 0; i < count; i++) {
        if (!is_common(rows[i]))
            put_option(arena, out, terminal, rows[i]);
    }
    heading(arena, out, terminal, "Common options");
    for (size_t i = 0; command_options[i] != NULL; i++)
        put_option(arena, out, terminal, command_options[i]);
}
