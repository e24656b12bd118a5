/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/command.h"
#include "cmd/describe.h"

static const Option as_json = {
    .name = "json", .type = OPTION_FLAG, .flag_only = true, .summary = "everything as one JSON document"};
static const Option as_markdown = {.name = "markdown",
                                   .type = OPTION_FLAG,
                                   .flag_only = true,
                                   .summary = "as Markdown: one page, or all (the default)"};
static const Option as_man = {
    .name = "man", .type = OPTION_FLAG, .flag_only = true, .summary = "as the manual page lifeboat(1)"};
static const Option *const options[] = {&as_json, &as_markdown, &as_man, NULL};

static Err *put_markdown(CommandCall *call, const json_t *document, Buf *out) {
    if (call->operand_count == 1)
        return describe_markdown(call->arena, document, call->operands[0], out);
    for (const DescribePart *part = describe_markdown_parts; part->name != NULL; part++) {
        TRY(describe_markdown(call->arena, document, part->name, out));
        buf_byte(out, '\n');
    }
    return NULL;
}

static Err *run(CommandCall *call) {
    bool json = settings_flag(call->settings, &as_json), man = settings_flag(call->settings, &as_man);
    if (json + man + settings_flag(call->settings, &as_markdown) > 1)
        return err_new(call->arena, ERR_USAGE, "--json, --markdown and --man exclude each other");
    TRY(command_expect_operands(call, 0, json || man ? 0 : 1));
    const json_t *document = describe_document(call->arena);
    Buf *out = buf_new(call->arena, 64 << 20);
    if (json)
        buf_printf(out, "%s\n", json_render(call->arena, document, false));
    else if (man)
        describe_man(out, document);
    else
        TRY(put_markdown(call, document, out));
    fwrite(out->at, 1, out->length, call->out);
    return NULL;
}

const Command cmd_describe = {
    .name = "describe",
    .group = COMMAND_GROUP_HELP,
    .synopsis = "describe [PAGE]",
    .summary = "print the whole reference from the program itself",
    .detail = "Every command, option, setting, check, finding, verdict, proof level, exit status and variable is "
              "declared once, "
              "in the program, and printed here. Pages of the Markdown form: commands, configuration, checks, "
              "findings, verdicts, formats, notifiers, "
              "exit-status, environment.",
    .examples = "$ lifeboat describe --json\nFor programs: help, dashboards, tests.\n"
                "$ lifeboat describe configuration\nOne page of the reference.\n"
                "$ lifeboat describe --man | man -l -\nThe manual page of exactly this version.",
    .options = options,
    .run = run,
};
