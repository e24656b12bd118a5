/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/describe.h"

#include <string.h>

#include "check/check.h"
#include "cmd/command.h"
#include "cmd/environment.h"
#include "cmd/exit_status.h"
#include "cmd/section.h"
#include "format/format.h"
#include "notify/notify.h"
#include "verdict/ladder.h"

static void put_bounds(json_t *object, const Option *row) {
    if (row->type != OPTION_INTEGER)
        return;
    json_put(object, "minimum", json_integer(row->minimum));
    if (row->maximum > 0)
        json_put(object, "maximum", json_integer(row->maximum));
}

/* What stands behind the = in the configuration: "AGE", "yes|no", "slack|webhook". */
static const char *argument_of(Arena *arena, const Option *row) {
    if (row->type == OPTION_FLAG)
        return "yes|no";
    if (row->type != OPTION_CHOICE || row->argument != NULL)
        return row->argument != NULL ? row->argument : "VALUE";
    const char *joined = row->choices[0];
    for (size_t i = 1; row->choices[i] != NULL; i++)
        joined = arena_printf(arena, "%s|%s", joined, row->choices[i]);
    return joined;
}

static void add_option(Arena *arena, json_t *array, const Option *row) {
    json_t *object = json_add(array, json_object());
    json_put_string(object, "name", row->name);
    const char *flag = option_flag_text(arena, row);
    json_put_string(object, "flag", flag);
    json_put_string(object, "type", option_type_name(row->type));
    json_put_string(object, "argument", argument_of(arena, row));
    json_put_string(object, "default", row->fallback);
    json_put_bool(object, "in_configuration", !row->flag_only);
    if (row->type == OPTION_SECRET)
        json_put_string(object, "file_twin", arena_printf(arena, "%s_file", row->name));
    if (row->type == OPTION_CHOICE) {
        json_t *choices = json_put(object, "choices", json_array());
        for (size_t i = 0; row->choices[i] != NULL; i++)
            json_add(choices, json_string(row->choices[i]));
    }
    put_bounds(object, row);
    json_put_string(object, "summary", row->summary);
    json_put_string(object, "detail", row->detail);
}

static bool is_common(const Option *row) {
    for (size_t i = 0; command_options[i] != NULL; i++) {
        if (command_options[i] == row)
            return true;
    }
    return false;
}

/* "$ command" and the line that explains it, as pairs. */
static void put_examples(Arena *arena, json_t *object, const char *text) {
    json_t *examples = json_put(object, "examples", json_array());
    json_t *example = NULL;
    for (Text rest = text_of(text); rest.length > 0;) {
        Text line = text_cut(rest, '\n', &rest);
        if (text_starts(line, "$ ")) {
            example = json_add(examples, json_object());
            json_put_text(example, "command", text_slice(line, 2, line.length));
            json_put_string(example, "explanation", "");
        } else if (example != NULL && line.length > 0) {
            const char *before = json_get_string(example, "explanation", "");
            json_put_string(example, "explanation",
                            arena_printf(arena, "%s%s%.*s", before, before[0] == '\0' ? "" : " ", TEXT_ARG(line)));
        }
    }
}

static void put_commands(Arena *arena, json_t *document) {
    json_t *commands = json_put(document, "commands", json_array());
    for (size_t i = 0; command_table[i] != NULL; i++) {
        const Command *command = command_table[i];
        json_t *object = json_add(commands, json_object());
        json_put_string(object, "name", command->name);
        json_put_string(object, "group", command->group);
        json_put_string(object, "synopsis", arena_printf(arena, "lifeboat %s", command->synopsis));
        json_put_string(object, "summary", command->summary);
        json_put_string(object, "detail", command->detail);
        put_examples(arena, object, command->examples);
        json_t *options = json_put(object, "options", json_array());
        size_t count = 0;
        const Option *const *rows = settings_rows(command_settings(arena, command), &count);
        for (size_t k = 0; k < count; k++) {
            if (!is_common(rows[k]))
                add_option(arena, options, rows[k]);
        }
    }
    json_t *common = json_put(document, "common_options", json_array());
    for (size_t i = 0; command_options[i] != NULL; i++)
        add_option(arena, common, command_options[i]);
}

static void put_configuration(Arena *arena, json_t *document) {
    json_t *sections = json_put(document, "configuration", json_array());
    for (const SectionKind *kind = section_table; kind->kind != NULL; kind++) {
        json_t *object = json_add(sections, json_object());
        json_put_string(object, "section", arena_printf(arena, "[%s%s]", kind->kind, kind->named ? " NAME" : ""));
        json_put_string(object, "kind", kind->kind);
        json_put_string(object, "summary", kind->summary);
        json_put_string(object, "detail", kind->detail);
        json_t *rows_json = json_put(object, "settings", json_array());
        Settings *settings = settings_new(arena);
        kind->declare(settings);
        size_t count = 0;
        const Option *const *rows = settings_rows(settings, &count);
        for (size_t i = 0; i < count; i++) {
            if (!rows[i]->flag_only)
                add_option(arena, rows_json, rows[i]);
        }
    }
}

static void put_channels(json_t *document) {
    json_t *channels = json_put(document, "channels", json_array());
    for (size_t i = 0; notify_table[i] != NULL; i++) {
        json_t *object = json_add(channels, json_object());
        json_put_string(object, "name", notify_table[i]->name);
        json_put_string(object, "summary", notify_table[i]->summary);
        json_put_string(object, "detail", notify_table[i]->detail);
        json_t *settings = json_put(object, "settings", json_array());
        for (const Option *const *row = notify_table[i]->options; *row != NULL; row++)
            json_add(settings, json_string((*row)->name));
    }
}

static void put_checks(json_t *document) {
    json_t *checks = json_put(document, "checks", json_array());
    for (const Check *const *check = check_table; *check != NULL; check++) {
        json_t *object = json_add(checks, json_object());
        json_put_string(object, "id", (*check)->id);
        json_put_string(object, "title", (*check)->title);
        json_put_string(object, "explain", (*check)->explain);
        json_put(object, "proof_level", json_integer((*check)->level));
        json_put_string(object, "proof_name", ladder_levels[(*check)->level].name);
        json_t *findings = json_put(object, "findings", json_array());
        for (size_t i = 0; (*check)->findings[i] != NULL; i++)
            json_add(findings, json_string((*check)->findings[i]->id));
        json_t *options = json_put(object, "options", json_array());
        for (size_t i = 0; (*check)->options != NULL && (*check)->options[i] != NULL; i++)
            json_add(options, json_string((*check)->options[i]->name));
    }
}

static void put_formats(json_t *document) {
    json_t *formats = json_put(document, "formats", json_array());
    for (const Format *const *format = backup_formats; *format != NULL; format++) {
        json_t *object = json_add(formats, json_object());
        json_put_string(object, "name", (*format)->name);
        json_put_string(object, "summary", (*format)->summary);
    }
}

static void put_notifiers(json_t *document) {
    json_t *notifiers = json_put(document, "notifiers", json_array());
    for (const NotifyType *const *type = notify_table; *type != NULL; type++) {
        json_t *object = json_add(notifiers, json_object());
        json_put_string(object, "name", (*type)->name);
        json_put_string(object, "summary", (*type)->summary);
        json_put_string(object, "detail", (*type)->detail);
        json_put_string(object, "address", (*type)->address->name);
        json_t *options = json_put(object, "options", json_array());
        for (size_t i = 0; (*type)->options != NULL && (*type)->options[i] != NULL; i++)
            json_add(options, json_string((*type)->options[i]->name));
    }
}

static json_t *find_by_id(json_t *array, const char *id) {
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(array, index, item) {
        if (strcmp(json_get_string(item, "id", ""), id) == 0)
            return item;
    }
    return NULL;
}

static void put_findings(json_t *document) {
    json_t *findings = json_put(document, "findings", json_array());
    for (const Check *const *check = check_table; *check != NULL; check++) {
        for (const CheckFinding *const *finding = (*check)->findings; *finding != NULL; finding++) {
            json_t *object = find_by_id(findings, (*finding)->id);
            if (object == NULL) {
                object = json_add(findings, json_object());
                json_put_string(object, "id", (*finding)->id);
                json_put_string(object, "severity", check_severity_name((*finding)->severity));
                json_put_string(object, "title", (*finding)->title);
                json_put_string(object, "means", (*finding)->means);
                json_put_string(object, "action", (*finding)->action);
                json_put_bool(object, "acceptable", (*finding)->acceptable);
                json_put(object, "checks", json_array());
            }
            json_add(json_object_get(object, "checks"), json_string((*check)->id));
        }
    }
}

static void put_words(json_t *document, const char *key, const LadderWord *words, int count) {
    json_t *array = json_put(document, key, json_array());
    for (int i = 0; i < count; i++) {
        json_t *object = json_add(array, json_object());
        if (words == ladder_levels)
            json_put(object, "level", json_integer(i));
        json_put_string(object, "name", words[i].name);
        json_put_string(object, "summary", words[i].summary);
        json_put_string(object, "detail", words[i].detail);
    }
}

static void put_statuses(json_t *document) {
    json_t *array = json_put(document, "exit_statuses", json_array());
    for (const ExitStatus *status = exit_status_table; status->name != NULL; status++) {
        json_t *object = json_add(array, json_object());
        json_put(object, "number", json_integer(status->number));
        json_put_string(object, "name", status->name);
        json_put_string(object, "summary", status->summary);
        json_put_string(object, "action", status->action);
    }
}

static void put_environment(json_t *document) {
    json_t *array = json_put(document, "environment", json_array());
    for (const EnvironmentVariable *variable = environment_table; variable->name != NULL; variable++) {
        json_t *object = json_add(array, json_object());
        json_put_string(object, "name", variable->name);
        json_put_string(object, "summary", variable->summary);
    }
}

json_t *describe_document(Arena *arena) {
    json_t *document = json_start(arena, json_object());
    json_put_string(document, "schema", "lifeboat.describe/1");
    json_put_string(document, "version", LIFEBOAT_VERSION);
    put_commands(arena, document);
    put_configuration(arena, document);
    put_channels(document);
    put_checks(document);
    put_findings(document);
    put_formats(document);
    put_notifiers(document);
    put_words(document, "verdicts", ladder_verdicts, LADDER_VERDICTS);
    put_words(document, "proof_levels", ladder_levels, LADDER_LEVELS);
    put_statuses(document);
    put_environment(document);
    json_t *pages = json_put(document, "pages", json_array());
    for (const DescribePart *page = describe_markdown_parts; page->name != NULL; page++) {
        json_t *object = json_add(pages, json_object());
        json_put_string(object, "name", page->name);
        json_put_string(object, "title", page->title);
    }
    return document;
}
