/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/command.h"

#include <string.h>
#include <unistd.h>

#include "cmd/section.h"

/* One line each, so that two people can add a command at the same time. In help order, the groups together. */
/* clang-format off */
extern const Command cmd_backup;
extern const Command cmd_completion;
extern const Command cmd_describe;
extern const Command cmd_diff;
extern const Command cmd_doctor;
extern const Command cmd_explain;
extern const Command cmd_help;
extern const Command cmd_init;
extern const Command cmd_inspect;
extern const Command cmd_list;
extern const Command cmd_log;
extern const Command cmd_migrate;
extern const Command cmd_notify_test;
extern const Command cmd_plan;
extern const Command cmd_plan_check;
extern const Command cmd_plan_list;
extern const Command cmd_plan_render;
extern const Command cmd_plan_show;
extern const Command cmd_prune;
extern const Command cmd_restore;
extern const Command cmd_runbook;
extern const Command cmd_runbook_check;
extern const Command cmd_runbook_diagnose;
extern const Command cmd_runbook_list;
extern const Command cmd_runbook_parameters;
extern const Command cmd_runbook_render;
extern const Command cmd_runbook_resolve;
extern const Command cmd_runbook_search;
extern const Command cmd_runbook_show;
extern const Command cmd_status;
extern const Command cmd_verify;
extern const Command cmd_version;

const Command *const command_table[] = {
    &cmd_verify,
    &cmd_restore,
    &cmd_backup,
    &cmd_prune,
    &cmd_status,
    &cmd_list,
    &cmd_inspect,
    &cmd_diff,
    &cmd_log,
    &cmd_runbook,
    &cmd_runbook_diagnose,
    &cmd_runbook_search,
    &cmd_runbook_show,
    &cmd_runbook_resolve,
    &cmd_runbook_list,
    &cmd_runbook_parameters,
    &cmd_runbook_check,
    &cmd_runbook_render,
    &cmd_plan,
    &cmd_plan_list,
    &cmd_plan_show,
    &cmd_plan_check,
    &cmd_plan_render,
    &cmd_init,
    &cmd_doctor,
    &cmd_migrate,
    &cmd_notify_test,
    &cmd_help,
    &cmd_explain,
    &cmd_describe,
    &cmd_completion,
    &cmd_version,
    NULL,
};
/* clang-format on */

const Option command_config = {
    .name = "config",
    .type = OPTION_PATH,
    .argument = "FILE",
    .flag_only = true,
    .summary = "read this configuration file",
    .detail = "Without it: the file that LIFEBOAT_CONFIG names, else lifeboat/lifeboat.conf below XDG_CONFIG_HOME or "
              "~/.config, else /etc/lifeboat/lifeboat.conf, else no configuration at all.",
};

const Option command_help = {
    .name = "help",
    .letter = 'h',
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "explain the command and its options",
};

const Option command_no_color = {
    .name = "no_color",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "no colours, as with NO_COLOR set",
};

static const char *const log_levels[] = {"debug", "info", "warning", "error", NULL};
const Option command_log_level = {
    .name = "log_level",
    .type = OPTION_CHOICE,
    .argument = "LEVEL",
    .fallback = "warning",
    .choices = log_levels,
    .flag_only = true,
    .summary = "log this and worse on standard error: debug, info, warning, error",
};

static const char *const log_formats[] = {"auto", "logfmt", "json", NULL};
const Option command_log_format = {
    .name = "log_format",
    .type = OPTION_CHOICE,
    .argument = "FORMAT",
    .fallback = "auto",
    .choices = log_formats,
    .flag_only = true,
    .summary = "auto, logfmt or json; auto is logfmt on a terminal and JSON lines elsewhere",
};

const Option *const command_options[] = {
    &command_config, &command_help, &command_log_level, &command_log_format, &command_no_color, NULL,
};

const Command *command_find(const char *name) {
    for (size_t i = 0; command_table[i] != NULL; i++) {
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    }
    return NULL;
}

const Command *command_find_words(const char *const *words, size_t count, size_t *used) {
    *used = 0;
    for (size_t i = 0; count >= 2 && command_table[i] != NULL; i++) {
        Text second;
        Text first = text_cut(text_of(command_table[i]->name), ' ', &second);
        if (second.length > 0 && text_is(first, words[0]) && text_is(second, words[1])) {
            *used = 2;
            return command_table[i];
        }
    }
    const Command *command = count == 0 || strchr(words[0], ' ') != NULL ? NULL : command_find(words[0]);
    *used = command == NULL ? 0 : 1;
    return command;
}

bool command_is_sub(const Command *command) {
    return strchr(command->name, ' ') != NULL;
}

bool command_is_sub_of(const Command *command, const Command *parent) {
    size_t length = strlen(parent->name);
    return strncmp(command->name, parent->name, length) == 0 && command->name[length] == ' ';
}

Err *command_unknown_sub(Arena *arena, const Command *parent, const char *word) {
    LIST(const char *) names = {0};
    for (size_t i = 0; command_table[i] != NULL; i++) {
        if (command_is_sub_of(command_table[i], parent))
            *LIST_PUSH(arena, names) = command_table[i]->name + strlen(parent->name) + 1;
    }
    Err *err = err_new(arena, ERR_USAGE, "%s has no subcommand %s", parent->name, text_quote(arena, text_of(word), 60));
    const char *close = text_suggest(word, names.items, names.count);
    return close == NULL ? err_hint(arena, err, "lifeboat help %s", parent->name)
                         : err_hint(arena, err, "did you mean \"lifeboat %s %s\"?", parent->name, close);
}

Err *command_unknown(Arena *arena, const char *name) {
    LIST(const char *) names = {0};
    for (size_t i = 0; command_table[i] != NULL; i++) {
        if (!command_is_sub(command_table[i]))
            *LIST_PUSH(arena, names) = command_table[i]->name;
    }
    Err *err = err_new(arena, ERR_USAGE, "there is no command %s", text_quote(arena, text_of(name), 60));
    const char *close = text_suggest(name, names.items, names.count);
    if (access(name, F_OK) == 0)
        return err_hint(arena, err, "lifeboat verify %s", text_safe(arena, name));
    if (close != NULL)
        return err_hint(arena, err, "did you mean \"lifeboat %s\"?", close);
    return err_hint(arena, err, "\"lifeboat help\" lists the commands");
}

static void declare(Settings *settings, const Option *const *rows) {
    size_t count = 0;
    while (rows != NULL && rows[count] != NULL)
        count++;
    if (count > 0)
        settings_declare(settings, rows, count);
}

Settings *command_settings(Arena *arena, const Command *command) {
    Settings *settings = settings_new(arena);
    declare(settings, command->options);
    if (command->declare != NULL)
        command->declare(settings);
    declare(settings, command_options);
    return settings;
}

Err *command_expect_operands(const CommandCall *call, size_t least, size_t most) {
    if (call->operand_count > most)
        return err_new(call->arena, ERR_USAGE, "one argument too many: %s",
                       text_quote(call->arena, text_of(call->operands[most]), 100));
    if (call->operand_count < least)
        return err_new(call->arena, ERR_USAGE, "an argument is missing");
    return NULL;
}

Err *command_read_config(const CommandCall *call, Config **out) {
    const char *path = NULL;
    TRY(config_find(call->arena, settings_text(call->settings, &command_config), &path));
    TRY(config_read(call->arena, path, out));
    return section_validate(call->arena, *out);
}
