/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_open.h"

#include <string.h>

#include "runbook/lint.h"

const Option runbook_open_target = {
    .name = "target",
    .letter = 't',
    .type = OPTION_TEXT,
    .argument = "NAME",
    .flag_only = true,
    .summary = "the target of the configuration that this is about",
    .detail =
        "Its connection is diagnosed, and [runbook NAME] goes before [runbook]. Without it: the only target of the "
        "configuration.",
};

static bool has(const CommandCall *call, const Option *row) {
    return settings_find(call->settings, row->name) == row && settings_given(call->settings, row);
}

/* The setting of [runbook], which is needed before the runbook's parameters are known. */
static const ConfigLine *line_of(const Config *config, const Option *row) {
    const ConfigSection *section = config_section(config, "runbook", "");
    if (section == NULL)
        return NULL;
    LIST_EACH (const ConfigLine, line, section->lines) {
        if (strcmp(line->key, row->name) == 0)
            return line;
    }
    return NULL;
}

static const char *directory_of(const CommandCall *call, const Config *config, const Option *row) {
    if (has(call, row))
        return settings_text(call->settings, row);
    const ConfigLine *line = line_of(config, row);
    return line == NULL || line->value[0] == '\0' ? NULL : config_beside(call->arena, config, line->value);
}

static void find_places(const CommandCall *call, const Config *config, RunbookPlaces *out) {
    LIST(const char *) additional = {0};
    const ConfigLine *line = line_of(config, &runbook_option_additional);
    out->directory = directory_of(call, config, &runbook_option_directory);
    if (has(call, &runbook_option_additional)) {
        out->additional = settings_list(call->settings, &runbook_option_additional, &out->additional_count);
        return;
    }
    for (Text rest = text_of(line == NULL ? "" : line->value); rest.length > 0;) {
        Text item = text_trim(text_cut(rest, ',', &rest));
        if (item.length > 0)
            *LIST_PUSH(call->arena, additional) = config_beside(call->arena, config, text_dup(call->arena, item));
    }
    out->additional = additional.items;
    out->additional_count = additional.count;
}

static Err *find_target(const CommandCall *call, RunbookOpen *out) {
    const char *name = has(call, &runbook_open_target) ? settings_text(call->settings, &runbook_open_target) : NULL;
    LIST_EACH (const ConfigSection, section, out->config->sections) {
        if (strcmp(section->kind, "target") != 0)
            continue;
        out->target_count++;
        if (name == NULL && out->target_count == 1)
            name = section->name;
    }
    if (name == NULL || (out->target_count > 1 && !has(call, &runbook_open_target)))
        return NULL;
    out->target_name = name;
    if (config_section(out->config, "target", name) != NULL)
        return NULL;
    Target unknown = {0};
    return target_load(call->arena, out->config, name, &unknown); /* says which there are */
}

Err *runbook_open_to_read(const CommandCall *call, RunbookOpen *out) {
    RunbookPlaces places = {0};
    *out = (RunbookOpen){0};
    TRY(command_read_config(call, &out->config));
    find_places(call, out->config, &places);
    out->directory = places.directory;
    out->plan = directory_of(call, out->config, &runbook_option_plan);
    TRY(runbook_load(call->arena, &places, &out->runbook));
    TRY(find_target(call, out));
    return parameter_values(call->arena, &out->runbook->parameters, out->config,
                            out->target_name == NULL ? "" : out->target_name, &out->values);
}

Err *runbook_open(const CommandCall *call, RunbookOpen *out) {
    TRY(runbook_open_to_read(call, out));
    /* A probe that would write, or cannot be understood, is not executed. */
    LIST_EACH (Issue *const, issue, out->runbook->issues) {
        lint_blocks(call->arena, &out->runbook->parameters, *issue);
    }
    if (out->target_name == NULL)
        return NULL;
    Target *target = ARENA_NEW(call->arena, Target);
    out->target = target;
    return target_load(call->arena, out->config, out->target_name, target);
}
