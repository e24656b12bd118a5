/* SPDX-License-Identifier: PostgreSQL */
#include "base/json.h"
#include "cmd/runbook_open.h"

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON",
};

static const Option *const options[] = {
    &runbook_open_target, &as_json, &runbook_option_directory, &runbook_option_additional, NULL,
};

static void print_text(const CommandCall *call, const RunbookOpen *open) {
    LIST_EACH (const Parameter, parameter, open->runbook->parameters) {
        const char *written = parameter_written(open->values, parameter->name);
        fprintf(call->out, "%s%s = %s\n", parameter->name, parameter->type == PARAMETER_SECRET ? "_file" : "",
                written == NULL ? terminal_paint(call->arena, call->terminal, TERMINAL_YELLOW, "(not set)")
                                : text_safe(call->arena, written));
        const char *text = arena_printf(call->arena, "%s, %s. %s", parameter_type_name(parameter->type),
                                        parameter_origin(open->values, parameter->name), parameter->meaning);
        terminal_fill(call->out, text_safe(call->arena, text), 4, call->terminal->width);
    }
}

static Err *run(CommandCall *call) {
    RunbookOpen open;
    TRY(command_expect_operands(call, 0, 0));
    TRY(runbook_open_to_read(call, &open));
    if (!settings_flag(call->settings, &as_json)) {
        print_text(call, &open);
        return NULL;
    }
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.runbook-parameters/1");
    json_t *parameters = json_put(document, "parameters", json_array());
    LIST_EACH (const Parameter, parameter, open.runbook->parameters) {
        json_t *object = json_add(parameters, json_object());
        json_put_string(object, "name", parameter->name);
        json_put_string(object, "type", parameter_type_name(parameter->type));
        json_put_string(object, "default", parameter->fallback);
        json_put_string(object, "value", parameter_written(open.values, parameter->name));
        json_put_string(object, "origin", parameter_origin(open.values, parameter->name));
        json_put_string(object, "meaning", parameter->meaning);
    }
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
    return NULL;
}

const Command cmd_runbook_parameters = {
    .name = "runbook parameters",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook parameters",
    .summary = "list addresses, people and thresholds with their values",
    .detail = "Each is a setting of [runbook] in the configuration, or of [runbook NAME] for one target. A secret is "
              "given as NAME_file, and only the path of its file is ever shown.",
    .examples = "$ lifeboat runbook parameters\nEach with its value, where it comes from, and what it means.\n"
                "$ lifeboat runbook parameters --target production --json\nAs they are for one target.",
    .options = options,
    .run = run,
};
