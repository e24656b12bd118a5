/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/describe.h"
#include "cmd/help.h"
#include "cmd/section.h"

static const char *get(const json_t *object, const char *key) {
    return json_get_string(object, key, "");
}

static bool has(const json_t *object, const char *key) {
    return get(object, key)[0] != '\0';
}

static void sentence(Buf *out, const char *summary) {
    Arena *scratch = arena_new();
    buf_printf(out, "%s", help_sentence(scratch, summary));
    arena_free(scratch);
}

static void paragraph(Buf *out, const char *text) {
    if (text[0] != '\0')
        buf_printf(out, "%s\n\n", text);
}

/* Detail text: lines that begin with two spaces stay as they are, which Markdown needs four for. */
static void detail(Buf *out, const char *text, const char *indent) {
    bool kept = false;
    for (Text rest = text_of(text); rest.length > 0;) {
        Text line = text_cut(rest, '\n', &rest);
        bool keep = text_starts(line, "  ");
        if (keep && !kept)
            buf_byte(out, '\n');
        if (line.length > 0)
            buf_printf(out, "%s%s%.*s", indent, keep ? "  " : "", TEXT_ARG(line));
        buf_byte(out, '\n');
        kept = keep;
    }
}

/* "- **`--max-age AGE`** summary. Default: `24h`. In the configuration: `max_age`." and the detail below it. */
static void option(Buf *out, const json_t *row, bool as_setting) {
    const char *name = get(row, "name");
    if (as_setting)
        buf_printf(out, "- **`%s = %s`**", name, get(row, "argument"));
    else
        buf_printf(out, "- **`%s`**", get(row, "flag"));
    buf_byte(out, ' ');
    sentence(out, get(row, "summary"));
    if (has(row, "default"))
        buf_printf(out, " Default: `%s`.", get(row, "default"));
    size_t index = 0;
    const json_t *choice = NULL;
    json_array_foreach(json_object_get(row, "choices"), index, choice) {
        buf_printf(out, "%s`%s`", index == 0 ? " One of " : ", ", json_string_value(choice));
    }
    if (index > 0)
        buf_byte(out, '.');
    if (as_setting && has(row, "file_twin"))
        buf_printf(out, " A secret: `%s = FILE` reads it from a file instead.", get(row, "file_twin"));
    if (as_setting && has(row, "flag"))
        buf_printf(out, " On the command line: `%s`.", get(row, "flag"));
    else if (!as_setting && json_get_bool(row, "in_configuration", false))
        buf_printf(out, " In the configuration: `%s`.", name);
    buf_byte(out, '\n');
    if (has(row, "detail")) {
        buf_byte(out, '\n');
        detail(out, get(row, "detail"), "  ");
        buf_byte(out, '\n');
    }
}

static void options(Buf *out, const json_t *rows, bool as_settings) {
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(rows, index, row) {
        if (as_settings || has(row, "flag"))
            option(out, row, as_settings);
    }
    if (index > 0)
        buf_byte(out, '\n');
}

static void names(Buf *out, const char *before, const json_t *list, const char *page) {
    size_t index = 0;
    const json_t *name = NULL;
    json_array_foreach(list, index, name) {
        const char *text = json_string_value(name);
        buf_string(out, index == 0 ? before : ", ");
        if (page != NULL)
            buf_printf(out, "[`%s`](%s.md#%s)", text, page, text);
        else
            buf_printf(out, "`%s`", text);
    }
    if (index > 0)
        buf_string(out, "\n\n");
}

static void render_commands(Buf *out, const json_t *document) {
    size_t index = 0;
    const json_t *command = NULL;
    json_array_foreach(json_object_get(document, "commands"), index, command) {
        buf_printf(out, "## %s\n\n`%s`\n\n", get(command, "name"), get(command, "synopsis"));
        sentence(out, get(command, "summary"));
        buf_string(out, "\n\n");
        size_t count = 0;
        const json_t *example = NULL;
        json_array_foreach(json_object_get(command, "examples"), count, example) {
            buf_printf(out, "%s$ %s\n    # %s\n", count == 0 ? "```console\n" : "", get(example, "command"),
                       get(example, "explanation"));
        }
        buf_string(out, count > 0 ? "```\n\n" : "");
        if (has(command, "detail")) {
            detail(out, get(command, "detail"), "");
            buf_byte(out, '\n');
        }
        options(out, json_object_get(command, "options"), false);
    }
    buf_string(out, "## Options of every command\n\n");
    options(out, json_object_get(document, "common_options"), false);
}

static void render_configuration(Buf *out, const json_t *document) {
    paragraph(out, section_syntax);
    size_t index = 0;
    const json_t *section = NULL;
    json_array_foreach(json_object_get(document, "configuration"), index, section) {
        buf_printf(out, "## `%s`\n\n", get(section, "section"));
        sentence(out, get(section, "summary"));
        buf_string(out, "\n\n");
        paragraph(out, get(section, "detail"));
        options(out, json_object_get(section, "settings"), true);
    }
    buf_string(out, "## Types of channels\n\n");
    const json_t *channel = NULL;
    json_array_foreach(json_object_get(document, "channels"), index, channel) {
        buf_printf(out, "**`type = %s`**: ", get(channel, "name"));
        sentence(out, get(channel, "summary"));
        buf_printf(out, " %s", get(channel, "detail"));
        names(out, " Setting of its own: ", json_object_get(channel, "settings"), NULL);
    }
}

static void render_checks(Buf *out, const json_t *document) {
    size_t index = 0;
    const json_t *check = NULL;
    json_array_foreach(json_object_get(document, "checks"), index, check) {
        buf_printf(out, "## %s\n\n**%s.** Belongs to proof level %d, [%s](verdicts.md#proof-levels).\n\n",
                   get(check, "id"), get(check, "title"), (int)json_get_u64(check, "proof_level", 0),
                   get(check, "proof_name"));
        paragraph(out, get(check, "explain"));
        names(out, "May find: ", json_object_get(check, "findings"), "findings");
        names(out, "Settings: ", json_object_get(check, "options"), NULL);
    }
}

static void render_findings(Buf *out, const json_t *document) {
    size_t index = 0;
    const json_t *finding = NULL;
    json_array_foreach(json_object_get(document, "findings"), index, finding) {
        buf_printf(out, "## %s\n\n**%s.** (%s)\n\n", get(finding, "id"), get(finding, "title"),
                   get(finding, "severity"));
        paragraph(out, get(finding, "means"));
        buf_printf(out, "**What to do now.** %s\n\n", get(finding, "action"));
        if (json_get_bool(finding, "acceptable", false))
            buf_printf(out, "When it is known and intended: `accept = %s`.\n\n", get(finding, "id"));
        names(out, "Reported by: ", json_object_get(finding, "checks"), "checks");
    }
}

static void words(Buf *out, const json_t *array) {
    size_t index = 0;
    const json_t *word = NULL;
    json_array_foreach(array, index, word) {
        buf_string(out, "- ");
        if (json_object_get(word, "level") != NULL)
            buf_printf(out, "%d ", (int)json_get_u64(word, "level", 0));
        buf_printf(out, "**%s**: %s.%s%s\n", get(word, "name"), get(word, "summary"), has(word, "detail") ? " " : "",
                   get(word, "detail"));
    }
    buf_byte(out, '\n');
}

static void render_verdicts(Buf *out, const json_t *document) {
    words(out, json_object_get(document, "verdicts"));
    buf_string(out,
               "## Proof levels\n\nBeside the verdict stands the highest rung whose every required check, and every "
               "check of the rungs below it, ran and held.\n\n");
    words(out, json_object_get(document, "proof_levels"));
}

static void render_formats(Buf *out, const json_t *document) {
    buf_string(out, "What a backup is gets told from its content, never from its name.\n\n");
    words(out, json_object_get(document, "formats"));
}

static void render_notifiers(Buf *out, const json_t *document) {
    buf_string(out, "Kinds of channels: the `type` of a [`[notify NAME]`](configuration.md#notify-name) section.\n\n");
    size_t index = 0;
    const json_t *type = NULL;
    json_array_foreach(json_object_get(document, "notifiers"), index, type) {
        buf_printf(out, "## %s\n\n", get(type, "name"));
        sentence(out, get(type, "summary"));
        buf_string(out, "\n\n");
        paragraph(out, get(type, "detail"));
        buf_printf(out, "Needs `%s`.\n\n", get(type, "address"));
    }
}

static void render_statuses(Buf *out, const json_t *document) {
    buf_string(out, "| status | name | meaning | what to do |\n|---:|---|---|---|\n");
    size_t index = 0;
    const json_t *status = NULL;
    json_array_foreach(json_object_get(document, "exit_statuses"), index, status) {
        buf_printf(out, "| %d | %s | %s | %s |\n", (int)json_get_u64(status, "number", 0), get(status, "name"),
                   get(status, "summary"), get(status, "action"));
    }
}

static void render_environment(Buf *out, const json_t *document) {
    size_t index = 0;
    const json_t *variable = NULL;
    json_array_foreach(json_object_get(document, "environment"), index, variable) {
        buf_printf(out, "- **`%s`** %s\n", get(variable, "name"), get(variable, "summary"));
    }
}

const DescribePart describe_markdown_parts[] = {
    {"commands", "Commands", render_commands},
    {"configuration", "Configuration", render_configuration},
    {"checks", "Checks", render_checks},
    {"findings", "Findings", render_findings},
    {"verdicts", "Verdicts", render_verdicts},
    {"formats", "Formats", render_formats},
    {"notifiers", "Notifiers", render_notifiers},
    {"exit-status", "Exit status", render_statuses},
    {"environment", "Environment", render_environment},
    {NULL, NULL, NULL},
};

/* Exactly one newline at the end, and never two empty lines. */
static void tidy(Buf *out, const Buf *raw) {
    int newlines = 0;
    for (size_t i = 0; i < raw->length; i++) {
        newlines = raw->at[i] == '\n' ? newlines + 1 : 0;
        if (newlines <= 2)
            buf_byte(out, raw->at[i]);
    }
    while (out->length > 1 && text_ends(buf_view(out), "\n\n"))
        out->at[--out->length] = '\0';
}

Err *describe_markdown(Arena *arena, const json_t *document, const char *part, Buf *out) {
    LIST(const char *) known = {0};
    for (const DescribePart *found = describe_markdown_parts; found->name != NULL; found++) {
        *LIST_PUSH(arena, known) = found->name;
        if (strcmp(found->name, part) != 0)
            continue;
        Buf *raw = buf_new(arena, 16 << 20);
        buf_printf(raw, "# %s\n\n<!-- Written by scripts/reference from the program's own rows: change those. -->\n\n",
                   found->title);
        found->render(raw, document);
        tidy(out, raw);
        return NULL;
    }
    Err *err = err_new(arena, ERR_USAGE, "there is no part %s", text_quote(arena, text_of(part), 60));
    const char *close = text_suggest(part, known.items, known.count);
    const char *hint = "one of:";
    LIST_EACH (const char *, name, known) {
        hint = arena_printf(arena, "%s %s", hint, *name);
    }
    return close == NULL ? err_hint(arena, err, "%s", hint) : err_hint(arena, err, "did you mean \"%s\"?", close);
}
