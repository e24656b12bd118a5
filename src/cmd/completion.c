/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/completion.h"

#include <string.h>

#include "base/json.h"
#include "cmd/command.h"
#include "cmd/describe.h"
#include "runbook/runbook.h"

/* --- what is completed --- */

static const char *subcommand_words(Arena *arena, const Command *parent) {
    const char *words = "";
    for (size_t i = 0; command_table[i] != NULL; i++) {
        if (command_is_sub_of(command_table[i], parent))
            words = arena_printf(arena, "%s%s%s", words, words[0] == '\0' ? "" : " ",
                                 command_table[i]->name + strlen(parent->name) + 1);
    }
    return words;
}

/* Ids of the built-in runbook: those of a site are not known when the script is made. */
static const char *issue_words(Arena *arena) {
    Runbook *runbook = NULL;
    const char *words = "";
    if (runbook_load(arena, &(RunbookPlaces){0}, &runbook) != NULL)
        return words;
    LIST_EACH (Issue *, issue, runbook->issues) {
        words = arena_printf(arena, "%s%s%s", words, words[0] == '\0' ? "" : " ", (*issue)->id);
    }
    return words;
}

/* "'runbook list'|'plan show'": the names of all subcommands as a shell's pattern. */
static const char *subcommand_pattern(Arena *arena) {
    const char *pattern = "";
    for (size_t i = 0; command_table[i] != NULL; i++) {
        if (command_is_sub(command_table[i]))
            pattern = arena_printf(arena, "%s%s'%s'", pattern, pattern[0] == '\0' ? "" : "|", command_table[i]->name);
    }
    return pattern;
}

/* Words separated by spaces that may stand as the operand; NULL when it is a file. "" when there is none. */
static const char *operand_words(Arena *arena, const Command *command) {
    const char *words = "";
    if (strstr(command->synopsis, "SUBCOMMAND") != NULL)
        return subcommand_words(arena, command);
    if (strstr(command->synopsis, "ISSUE") != NULL)
        return issue_words(arena);
    if (strstr(command->synopsis, "PATH") != NULL || strstr(command->synopsis, " A B") != NULL)
        return NULL;
    if (strstr(command->synopsis, "COMMAND") != NULL) {
        for (size_t i = 0; command_table[i] != NULL; i++)
            words = arena_printf(arena, "%s%s%s", words, command_is_sub(command_table[i]) ? "" : " ",
                                 command_is_sub(command_table[i]) ? "" : command_table[i]->name);
    } else if (strstr(command->synopsis, "SHELL") != NULL) {
        for (size_t i = 0; completion_shells[i].name != NULL; i++)
            words = arena_printf(arena, "%s %s", words, completion_shells[i].name);
    } else if (strstr(command->synopsis, "PAGE") != NULL) {
        for (size_t i = 0; describe_markdown_parts[i].name != NULL; i++)
            words = arena_printf(arena, "%s %s", words, describe_markdown_parts[i].name);
    } else if (strstr(command->synopsis, " ID") != NULL) {
        static const char *const lists[][2] = {{"checks", "id"},         {"findings", "id"},  {"verdicts", "name"},
                                               {"proof_levels", "name"}, {"formats", "name"}, {"notifiers", "name"}};
        const json_t *document = describe_document(arena), *item = NULL;
        size_t index = 0;
        for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
            json_array_foreach(json_object_get(document, lists[i][0]), index, item) {
                words = arena_printf(arena, "%s %s", words, json_get_string(item, lists[i][1], ""));
            }
        }
    }
    return words[0] == ' ' ? words + 1 : words;
}

static const char *flag_name(Arena *arena, const Option *row) {
    const char *text = option_flag_text(arena, row);
    const char *start = text == NULL ? NULL : strstr(text, "--");
    return start == NULL ? NULL : arena_strndup(arena, start, strcspn(start, " "));
}

static const char *choice_words(Arena *arena, const Option *row) {
    const char *words = "";
    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++)
        words = arena_printf(arena, "%s%s%s", words, i == 0 ? "" : " ", row->choices[i]);
    return words;
}

/* Inside single quotes for a POSIX shell; `escaped` bytes get a backslash in front as well. */
static const char *quoted(Arena *arena, const char *text, const char *escaped) {
    Buf *out = buf_new(arena, 64 * 1024);
    for (; *text != '\0'; text++) {
        if (strchr(escaped, *text) != NULL)
            buf_byte(out, '\\');
        if (*text == '\'')
            buf_string(out, "'\\''");
        else
            buf_byte(out, *text);
    }
    return out->at;
}

/* --- bash --- */

static void bash_values(Arena *arena, Buf *out, const Settings *settings) {
    size_t count = 0;
    const Option *const *rows = settings_rows(settings, &count);
    buf_string(out, "        case $previous in\n");
    for (size_t i = 0; i < count; i++) {
        const char *flag = flag_name(arena, rows[i]);
        if (flag == NULL || rows[i]->type == OPTION_FLAG)
            continue;
        if (rows[i]->type == OPTION_PATH)
            buf_printf(out, "        %s) compopt -o default; return ;;\n", flag);
        else
            buf_printf(out, "        %s) COMPREPLY=($(compgen -W '%s' -- \"$current\")); return ;;\n", flag,
                       choice_words(arena, rows[i]));
    }
    buf_string(out, "        esac\n");
}

static void bash_command(Arena *arena, Buf *out, const Command *command) {
    const Settings *settings = command_settings(arena, command);
    size_t count = 0;
    const Option *const *rows = settings_rows(settings, &count);
    const char *words = operand_words(arena, command);
    buf_printf(out, "    '%s')\n", command->name);
    bash_values(arena, out, settings);
    buf_string(out, "        if [[ $current == -* ]]; then\n            COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < count; i++) {
        const char *flag = flag_name(arena, rows[i]);
        if (flag != NULL)
            buf_printf(out, "%s%s", i == 0 ? "" : " ", flag);
    }
    buf_string(out, "' -- \"$current\"))\n        else\n");
    if (words == NULL)
        buf_string(out, "            compopt -o default\n");
    else
        buf_printf(out, "            COMPREPLY=($(compgen -W '%s' -- \"$current\"))\n", words);
    buf_string(out, "        fi\n        ;;\n");
}

static void render_bash(Arena *arena, Buf *out) {
    buf_string(out, "# bash completion of lifeboat; written by \"lifeboat completion bash\"\n"
                    "_lifeboat() {\n"
                    "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
                    "    COMPREPLY=()\n"
                    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                    "        [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }\n"
                    "    done\n");
    buf_printf(out,
               "    case \"$command ${COMP_WORDS[i+1]}\" in\n"
               "    %s) ((i + 1 < COMP_CWORD)) && command=\"$command ${COMP_WORDS[i+1]}\" ;;\n"
               "    esac\n"
               "    case $command in\n",
               subcommand_pattern(arena));
    for (size_t i = 0; command_table[i] != NULL; i++)
        bash_command(arena, out, command_table[i]);
    buf_string(out, "    '')\n        COMPREPLY=($(compgen -W '--help --version");
    for (size_t i = 0; command_table[i] != NULL; i++) {
        if (!command_is_sub(command_table[i]))
            buf_printf(out, " %s", command_table[i]->name);
    }
    buf_string(out, "' -- \"$current\"))\n        ;;\n    esac\n}\ncomplete -F _lifeboat lifeboat\n");
}

/* --- zsh --- */

static void zsh_option(Arena *arena, Buf *out, const Option *row) {
    const char *flag = flag_name(arena, row);
    if (flag == NULL)
        return;
    const char *summary = quoted(arena, row->summary, "[]:\\");
    if (row->type == OPTION_FLAG) {
        buf_printf(out, " \\\n            '%s[%s]'", flag, summary);
        return;
    }
    buf_printf(out, " \\\n            '%s=[%s]:%s:", flag, summary,
               row->argument == NULL ? "value" : quoted(arena, row->argument, "[]:\\"));
    if (row->type == OPTION_CHOICE)
        buf_printf(out, "(%s)'", choice_words(arena, row));
    else
        buf_string(out, row->type == OPTION_PATH ? "_files'" : " '");
}

static void zsh_command(Arena *arena, Buf *out, const Command *command) {
    size_t count = 0;
    const Option *const *rows = settings_rows(command_settings(arena, command), &count);
    const char *words = operand_words(arena, command);
    buf_printf(out, "    '%s')\n        _arguments", command->name);
    for (size_t i = 0; i < count; i++)
        zsh_option(arena, out, rows[i]);
    if (words == NULL)
        buf_string(out, " \\\n            '*:path:_files'");
    else if (words[0] != '\0')
        buf_printf(out, " \\\n            '1:name:(%s)'", words);
    buf_string(out, "\n        ;;\n");
}

static void render_zsh(Arena *arena, Buf *out) {
    buf_string(out, "#compdef lifeboat\n# zsh completion of lifeboat; written by \"lifeboat completion zsh\"\n"
                    "_lifeboat() {\n    local -a commands\n    commands=(\n");
    for (size_t i = 0; command_table[i] != NULL; i++) {
        if (!command_is_sub(command_table[i]))
            buf_printf(out, "        '%s:%s'\n", command_table[i]->name,
                       quoted(arena, command_table[i]->summary, ":\\"));
    }
    buf_string(out, "    )\n"
                    "    if (( CURRENT == 2 )); then\n"
                    "        _describe -t commands 'lifeboat command' commands\n"
                    "        return\n"
                    "    fi\n"
                    "    local command=$words[2]\n");
    buf_printf(out,
               "    case \"$command $words[3]\" in\n"
               "    %s)\n"
               "        if (( CURRENT > 3 )); then\n"
               "            command=\"$command $words[3]\"\n"
               "            shift words\n"
               "            (( CURRENT-- ))\n"
               "        fi\n"
               "        ;;\n"
               "    esac\n",
               subcommand_pattern(arena));
    buf_string(out, "    shift words\n"
                    "    (( CURRENT-- ))\n"
                    "    case $command in\n");
    for (size_t i = 0; command_table[i] != NULL; i++)
        zsh_command(arena, out, command_table[i]);
    buf_string(out,
               "    esac\n}\n"
               "if [[ $funcstack[1] == _lifeboat ]]; then _lifeboat \"$@\"; else compdef _lifeboat lifeboat; fi\n");
}

/* --- fish --- */

static void fish_option(Arena *arena, Buf *out, const char *condition, const Option *row) {
    const char *flag = flag_name(arena, row);
    if (flag == NULL)
        return;
    buf_printf(out, "complete -c lifeboat -n '%s' -l %s", condition, flag + 2);
    if (row->letter != 0)
        buf_printf(out, " -s %c", row->letter);
    if (row->type == OPTION_CHOICE)
        buf_printf(out, " -x -a '%s'", choice_words(arena, row));
    else if (row->type != OPTION_FLAG)
        buf_string(out, row->type == OPTION_PATH ? " -r -F" : " -x");
    buf_printf(out, " -d '%s'\n", quoted(arena, row->summary, "\\"));
}

/* __lifeboat_at: these words are the beginning of the line; __lifeboat_only: all of it, without options. */
static const char fish_functions[] = "# fish completion of lifeboat; written by \"lifeboat completion fish\"\n"
                                     "function __lifeboat_words\n"
                                     "    set -l words (string match -v -- '-*' (commandline -opc))\n"
                                     "    set -e words[1]\n"
                                     "    string join ' ' $words\n"
                                     "end\n"
                                     "function __lifeboat_at\n"
                                     "    string match -q -- \"$argv *\" (__lifeboat_words)' '\n"
                                     "end\n"
                                     "function __lifeboat_only\n"
                                     "    test \"$argv\" = (__lifeboat_words)''\n"
                                     "end\n"
                                     "complete -c lifeboat -f\n";

static void render_fish(Arena *arena, Buf *out) {
    buf_string(out, fish_functions);
    for (size_t i = 0; command_table[i] != NULL; i++) {
        const Command *command = command_table[i];
        if (!command_is_sub(command))
            buf_printf(out, "complete -c lifeboat -n __fish_use_subcommand -a %s -d '%s'\n", command->name,
                       quoted(arena, command->summary, "\\"));
        const char *condition = arena_printf(arena, "__lifeboat_at %s", command->name);
        const char *words = operand_words(arena, command);
        if (words == NULL)
            buf_printf(out, "complete -c lifeboat -n '%s' -F\n", condition);
        else if (strstr(command->synopsis, "SUBCOMMAND") != NULL)
            buf_printf(out, "complete -c lifeboat -n '__lifeboat_only %s' -a '%s'\n", command->name, words);
        else if (words[0] != '\0')
            buf_printf(out, "complete -c lifeboat -n '%s' -a '%s'\n", condition, words);
        size_t count = 0;
        const Option *const *rows = settings_rows(command_settings(arena, command), &count);
        for (size_t k = 0; k < count; k++)
            fish_option(arena, out, condition, rows[k]);
    }
}

const CompletionShell completion_shells[] = {
    {"bash", "~/.local/share/bash-completion/completions/lifeboat", render_bash},
    {"zsh", "_lifeboat in a directory of $fpath", render_zsh},
    {"fish", "~/.config/fish/completions/lifeboat.fish", render_fish},
    {NULL, NULL, NULL},
};
