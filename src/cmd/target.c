/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/target.h"

#include <string.h>

#include "cmd/backup.h"
#include "verdict/verify.h"

const Option target_path = {
    .name = "path",
    .type = OPTION_PATH,
    .argument = "PATH",
    .config_only = true,
    .summary = "where the backups are: a file, a directory-format dump, or a folder of backups",
    .detail =
        "Of a folder the newest backup is verified. What is a backup is told from its content, never from its name; "
        "unfinished files (.tmp, .part, .partial, hidden ones) are not taken for backups.",
};

const Option *const target_options[] = {&target_path, NULL};

void target_declare(Settings *settings) {
    settings_declare(settings, target_options, sizeof(target_options) / sizeof(target_options[0]) - 1);
    verify_declare_options(settings);
    size_t count = 0;
    while (backup_options[count] != NULL)
        count++;
    settings_declare(settings, backup_options, count);
}

static Err *load_section(Arena *arena, const Config *config, const ConfigSection *section, Target *out) {
    *out = (Target){.name = section->name, .section = section, .settings = settings_new(arena)};
    target_declare(out->settings);
    return config_apply(arena, config, section, out->settings);
}

static Err *unknown_target(Arena *arena, const Config *config, const char *name) {
    LIST(const char *) names = {0};
    LIST_EACH (ConfigSection, section, config->sections) {
        if (strcmp(section->kind, "target") == 0)
            *LIST_PUSH(arena, names) = section->name;
    }
    const char *shown = text_quote(arena, text_of(name), 64);
    if (config->path == NULL)
        return err_hint(arena, err_new(arena, ERR_USAGE, "there is no target %s: there is no configuration", shown),
                        "lifeboat init writes one");
    Err *err = err_new(arena, ERR_USAGE, "%s has no section [target %s]", text_safe(arena, config->path),
                       text_safe(arena, name));
    const char *close = text_suggest(name, names.items, names.count);
    if (close == NULL && names.count > 0)
        close = names.items[0];
    return close == NULL ? err : err_hint(arena, err, "did you mean \"%s\"?", close);
}

Err *target_load(Arena *arena, const Config *config, const char *name, Target *out) {
    const ConfigSection *section = config_section(config, "target", name);
    return section == NULL ? unknown_target(arena, config, name) : load_section(arena, config, section, out);
}

Err *target_load_all(Arena *arena, const Config *config, Targets *out) {
    LIST_EACH (ConfigSection, section, config->sections) {
        if (strcmp(section->kind, "target") == 0)
            TRY(load_section(arena, config, section, LIST_PUSH(arena, *out)));
    }
    return NULL;
}
