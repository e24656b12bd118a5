/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/command.h"
#include "cmd/describe.h"
#include "cmd/help.h"
#include "runbook/advice.h"

/* Where ids stand in the description of the program, and how each kind of thing is shown. */
typedef struct Kind {
    const char *list; /* member of the document */
    const char *id;   /* member of its items */
    const char *noun;
    const char *title;
    struct {
        const char *key, *heading; /* heading NULL: the text alone */
    } texts[3];
    const char *related, *related_heading;
} Kind;

static const Kind kinds[] = {
    {"findings", "id", "finding", "title", {{"means", NULL}, {"action", "What to do now"}}, "checks", "Reported by"},
    {"checks", "id", "check", "title", {{"explain", NULL}}, "findings", "May find"},
    {"verdicts", "name", "verdict", "summary", {{"detail", NULL}}, NULL, NULL},
    {"proof_levels", "name", "proof level", "summary", {{"detail", NULL}}, NULL, NULL},
    {"exit_statuses", "name", "exit status", "summary", {{"action", "What to do"}}, NULL, NULL},
    {"formats", "name", "format", "summary", {{NULL}}, NULL, NULL},
    {"notifiers", "name", "kind of channel", "summary", {{"detail", NULL}}, "options", "Settings"},
    {"commands", "name", "command", "summary", {{"synopsis", NULL}, {"detail", NULL}}, NULL, NULL},
};

typedef struct Search {
    CommandCall *call;
    const json_t *document;
    const char *wanted;
    size_t found;
    LIST(const char *) known;
} Search;

static void put_heading(Search *search, const char *id, const char *noun, const char *title) {
    CommandCall *call = search->call;
    if (search->found++ > 0)
        fputc('\n', call->out);
    const char *name = terminal_paint(call->arena, call->terminal, TERMINAL_BOLD, id);
    fprintf(call->out, "%s (%s)\n", name, noun);
    terminal_fill(call->out, help_sentence(call->arena, title), 2, call->terminal->width);
}

static void put_text(Search *search, const char *heading, const char *text) {
    if (text[0] == '\0')
        return;
    fputc('\n', search->call->out);
    if (heading != NULL)
        text = arena_printf(search->call->arena, "%s: %s", heading, text);
    terminal_fill(search->call->out, text, 2, search->call->terminal->width);
}

static void put_related(Search *search, const json_t *item, const Kind *kind) {
    size_t index = 0;
    const json_t *name = NULL;
    const char *text = "";
    json_array_foreach(json_object_get(item, kind->related == NULL ? "" : kind->related), index, name) {
        text = arena_printf(search->call->arena, "%s%s%s", text, index == 0 ? "" : ", ", json_string_value(name));
    }
    put_text(search, kind->related_heading, text);
}

static void show(Search *search, const json_t *item, const Kind *kind) {
    Arena *arena = search->call->arena;
    const char *noun = kind->noun;
    const char *severity = json_get_string(item, "severity", NULL);
    if (severity != NULL)
        noun = arena_printf(arena, "%s, %s", noun, severity);
    if (json_object_get(item, "number") != NULL)
        noun = arena_printf(arena, "%s %d", noun, (int)json_get_u64(item, "number", 0));
    if (json_object_get(item, "level") != NULL)
        noun = arena_printf(arena, "%s %d of 6", noun, (int)json_get_u64(item, "level", 0));
    put_heading(search, json_get_string(item, kind->id, ""), noun, json_get_string(item, kind->title, ""));
    for (size_t i = 0; i < 3 && kind->texts[i].key != NULL; i++)
        put_text(search, kind->texts[i].heading, json_get_string(item, kind->texts[i].key, ""));
    if (json_get_bool(item, "acceptable", false))
        put_text(search, NULL,
                 arena_printf(arena, "When it is known and intended: accept = %s", json_get_string(item, "id", "")));
    put_related(search, item, kind);
    const char *advice = kind == &kinds[0] ? advice_of_finding(arena, search->wanted) : NULL;
    if (advice != NULL)
        put_text(search, NULL, advice);
}

static void search_kind(Search *search, const Kind *kind) {
    size_t index = 0;
    const json_t *item = NULL;
    json_array_foreach(json_object_get(search->document, kind->list), index, item) {
        const char *id = json_get_string(item, kind->id, "");
        const json_t *number = json_object_get(item, "number");
        *LIST_PUSH(search->call->arena, search->known) = id;
        bool by_number = number != NULL && strcmp(search->wanted, arena_printf(search->call->arena, "%d",
                                                                               (int)json_integer_value(number))) == 0;
        if (strcmp(id, search->wanted) == 0 || by_number)
            show(search, item, kind);
    }
}

/* "--max-age", "max-age" and "max_age" are one option. */
static const char *option_name(Arena *arena, const char *written) {
    Text text = text_of(written);
    char *name = text_dup(arena, text_starts(text, "--") ? text_slice(text, 2, text.length) : text);
    for (char *at = name; *at != '\0'; at++)
        *at = *at == '-' ? '_' : *at;
    return name;
}

static void show_option(Search *search, const json_t *row, const char *where) {
    Arena *arena = search->call->arena;
    const char *flag = json_get_string(row, "flag", NULL);
    put_heading(search, flag != NULL ? flag : json_get_string(row, "name", ""),
                arena_printf(arena, "%s, %s", where, json_get_string(row, "type", "")),
                json_get_string(row, "summary", ""));
    put_text(search, NULL, json_get_string(row, "detail", ""));
    put_text(search, "Default", json_get_string(row, "default", ""));
    if (json_get_bool(row, "in_configuration", false))
        put_text(
            search, "In the configuration",
            arena_printf(arena, "%s = %s", json_get_string(row, "name", ""), json_get_string(row, "argument", "")));
    if (json_get_string(row, "file_twin", NULL) != NULL)
        put_text(
            search, NULL,
            arena_printf(arena, "A secret: %s names a file that holds it.", json_get_string(row, "file_twin", "")));
}

/* The same row stands in several lists (a command's options, a section's settings): it is shown once. */
static void search_options(Search *search, const json_t *rows, const char *where) {
    const char *wanted = option_name(search->call->arena, search->wanted);
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(rows, index, row) {
        const char *name = json_get_string(row, "name", "");
        bool seen = false;
        LIST_EACH (const char *, known, search->known) {
            seen = seen || strcmp(*known, name) == 0;
        }
        if (!seen)
            *LIST_PUSH(search->call->arena, search->known) = name;
        if (!seen && strcmp(name, wanted) == 0)
            show_option(search, row, where);
    }
}

static void search_all_options(Search *search) {
    Arena *arena = search->call->arena;
    size_t index = 0;
    const json_t *item = NULL;
    search_options(search, json_object_get(search->document, "common_options"), "option of every command");
    json_array_foreach(json_object_get(search->document, "configuration"), index, item) {
        const char *section = json_get_string(item, "section", "");
        search_options(search, json_object_get(item, "settings"), arena_printf(arena, "setting of %s", section));
    }
    json_array_foreach(json_object_get(search->document, "commands"), index, item) {
        const char *command = json_get_string(item, "name", "");
        search_options(search, json_object_get(item, "options"), arena_printf(arena, "option of %s", command));
    }
}

static Err *run(CommandCall *call) {
    TRY(command_expect_operands(call, 1, 1));
    Search search = {.call = call, .document = describe_document(call->arena), .wanted = call->operands[0]};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        search_kind(&search, &kinds[i]);
    search_all_options(&search);
    if (search.found > 0)
        return NULL;
    Err *err =
        err_new(call->arena, ERR_USAGE, "nothing is called %s", text_quote(call->arena, text_of(search.wanted), 60));
    Runbook *runbook = NULL;
    if (runbook_load(call->arena, &(RunbookPlaces){0}, &runbook) == NULL &&
        runbook_find(runbook, search.wanted) != NULL)
        return err_hint(call->arena, err, "it is an issue of the runbook: lifeboat runbook show %s", search.wanted);
    const char *close = text_suggest(search.wanted, search.known.items, search.known.count);
    return close != NULL ? err_hint(call->arena, err, "did you mean \"%s\"?", close)
                         : err_hint(call->arena, err, "\"lifeboat describe\" lists everything that has a name");
}

const Command cmd_explain = {
    .name = "explain",
    .group = COMMAND_GROUP_HELP,
    .synopsis = "explain ID",
    .summary = "say what a finding, check, option, verdict or exit status means",
    .detail = "ID is whatever a report, the help or the reference calls by a name.",
    .examples = "$ lifeboat explain row-count-drift\nWhat the finding means and what to do now.\n"
                "$ lifeboat explain max-age\nAn option, with its default.\n"
                "$ lifeboat explain 2\nAn exit status.",
    .run = run,
};
