/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/runbook_resolve.h"

static const char *paint(const RunbookView *view, TerminalStyle style, const char *text) {
    return terminal_paint(view->call->arena, view->call->terminal, style, text);
}

static void print_fact(const RunbookView *view, const char *name, const char *text) {
    const CommandCall *call = view->call;
    if (text[0] == '\0')
        return;
    const char *shown = parameter_shown_text(call->arena, view->subject->open.values, text);
    fprintf(call->out, "     %s%*s", paint(view, TERMINAL_BOLD, name), 13 - (int)strlen(name), "");
    terminal_fill_from(call->out, text_safe(call->arena, shown), 18, call->terminal->width);
}

/* The three comment lines at the top are shown as facts above it. */
static Text without_facts(Text body) {
    static const char *const words[] = {"precondition:", "blast:", "undo:"};
    for (size_t i = 0; i < 3; i++) {
        Text rest = {0}, line = text_trim(text_cut(body, '\n', &rest));
        size_t comment = text_starts(line, "-- ") ? 3 : text_starts(line, "# ") ? 2 : 0;
        if (comment == 0 || !text_starts(text_slice(line, comment, line.length), words[i]))
            break;
        body = rest;
    }
    return body;
}

static void print_code(const RunbookView *view, const IssueBlock *block) {
    Arena *arena = view->call->arena;
    const char *shown = parameter_shown(arena, view->subject->open.values, block->kind,
                                        text_dup(arena, without_facts((Text){block->body, block->length})));
    fputc('\n', view->call->out);
    for (Text rest = text_of(shown); rest.length > 0;) {
        const char *line = text_safe(arena, text_dup(arena, text_cut(rest, '\n', &rest)));
        fprintf(view->call->out, "     %s\n", paint(view, TERMINAL_CYAN, line));
    }
}

static void print_step(const RunbookView *view, const IssueBlock *block, size_t number) {
    const CommandCall *call = view->call;
    bool manual = block->role == ISSUE_MANUAL;
    const char *before = block->before[0] == '\0' ? "" : text_safe(call->arena, block->before);
    const char *who = manual ? "by hand" : issue_kind_name(block->kind);
    fprintf(call->out, "\n  %zu. ", number);
    terminal_fill_from(
        call->out,
        arena_printf(call->arena, "%s  %s", paint(view, manual ? TERMINAL_YELLOW : TERMINAL_BOLD, who), before), 5,
        call->terminal->width);
    print_fact(view, "precondition", block->precondition);
    print_fact(view, "touches", block->blast);
    print_fact(view, "undo", block->undo);
    print_code(view, block);
}

void runbook_resolve_plan(const RunbookView *view, const Issue *issue, const char *operator_label) {
    const CommandCall *call = view->call;
    size_t number = 0;
    fprintf(call->out, "\n%s: %s, %s\n", paint(view, TERMINAL_BOLD, "Plan"), issue_danger_name(issue->danger),
            issue_danger_text(issue->danger));
    terminal_fill(call->out, arena_printf(call->arena, "Runs with %s.", operator_label), 2, call->terminal->width);
    LIST_EACH (const IssueBlock, block, issue->blocks) {
        if (block->role == ISSUE_RESOLVE || block->role == ISSUE_MANUAL)
            print_step(view, block, ++number);
    }
    if (number == 0)
        fprintf(call->out, "\n  Nothing that can be run: lifeboat runbook show %s says what to do.\n", issue->id);
}
