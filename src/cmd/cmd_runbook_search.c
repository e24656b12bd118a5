/* SPDX-License-Identifier: PostgreSQL */
#include "base/json.h"
#include "cmd/exit_status.h"
#include "cmd/runbook_json.h"
#include "cmd/runbook_open.h"
#include "runbook/search.h"

/* What a person reads, and how much worse than the best a hit may be. */
enum { SEARCH_SHOWN = 10 };
static const double search_worst = 0.15;

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON, all that was found",
};

static const Option *const options[] = {
    &as_json,
    &runbook_option_directory,
    &runbook_option_additional,
    NULL,
};

static void print_json(const CommandCall *call, const Runbook *runbook, const SearchHits *hits) {
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.runbook-search/1");
    json_t *issues = json_put(document, "issues", json_array());
    LIST_EACH (const SearchHit, hit, *hits) {
        json_t *object = json_add(issues, json_object());
        runbook_json_issue(runbook, hit->issue, object);
        json_put_real(object, "score", hit->score);
        json_put_string(object, "message", hit->message);
    }
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
}

static void print_text(const CommandCall *call, const SearchHits *hits) {
    size_t shown = 0;
    LIST_EACH (const SearchHit, hit, *hits) {
        if (shown == SEARCH_SHOWN || hit->score < search_worst * hits->items[0].score)
            break;
        shown++;
        const char *id = terminal_paint(call->arena, call->terminal, TERMINAL_BOLD, hit->issue->id);
        fprintf(call->out, "%s (%s, %s)\n", id, issue_severity_name(hit->issue->severity), hit->issue->section);
        terminal_fill(call->out, text_safe(call->arena, hit->issue->title), 2, call->terminal->width);
        if (hit->message != NULL)
            terminal_fill(call->out, arena_printf(call->arena, "error: %s", text_safe(call->arena, hit->message)), 2,
                          call->terminal->width);
    }
    if (shown == 0)
        fputs("nothing found: fewer words, or \"lifeboat runbook list\"\n", call->out);
    else
        fprintf(call->out, "\nlifeboat runbook show %s\n", hits->items[0].issue->id);
}

static Err *run(CommandCall *call) {
    RunbookOpen open;
    SearchHits hits = {0};
    if (call->operand_count == 0)
        return err_hint(call->arena, err_new(call->arena, ERR_USAGE, "nothing to search for"),
                        "words, or an error message in quotes");
    const char *query = call->operands[0];
    for (size_t i = 1; i < call->operand_count; i++)
        query = arena_printf(call->arena, "%s %s", query, call->operands[i]);
    TRY(runbook_open_to_read(call, &open));
    search_runbook(call->arena, open.runbook, query, &hits);
    if (settings_flag(call->settings, &as_json))
        print_json(call, open.runbook, &hits);
    else
        print_text(call, &hits);
    if (hits.count == 0)
        *call->status = EXIT_STATUS_FAIL;
    return NULL;
}

const Command cmd_runbook_search = {
    .name = "runbook search",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook search WORDS",
    .summary = "find issues by words or by an error message",
    .detail =
        "An error message among an issue's symptoms counts most, then the words of its title, then words anywhere. "
        "A line pasted from a log is found although its numbers and names differ.\n\n"
        "The exit status is 1 when nothing was found.",
    .examples =
        "$ lifeboat runbook search 'remaining connection slots are reserved'\nAn error message, or a piece of it.\n"
        "$ lifeboat runbook search slow dashboard\nWords.",
    .options = options,
    .run = run,
};
