/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/runbook_diagnose.h"

enum { EVIDENCE_SHOWN = 3, EVIDENCE_SHOWN_BELOW = 1, IDS_SHOWN = 12 };

static const char *paint(const RunbookView *view, TerminalStyle style, const char *text) {
    return terminal_paint(view->call->arena, view->call->terminal, style, text);
}

static const char *mark(const RunbookView *view, TerminalMark which) {
    return terminal_mark(view->call->arena, view->call->terminal, which);
}

static const char *sign(const RunbookView *view, const char *unicode, const char *ascii) {
    return view->call->terminal->unicode ? unicode : ascii;
}

static TerminalMark mark_of(ProbeOutcome outcome) {
    static const TerminalMark marks[] = {[PROBE_PRESENT] = TERMINAL_BAD,
                                         [PROBE_ABSENT] = TERMINAL_GOOD,
                                         [PROBE_UNKNOWN] = TERMINAL_UNKNOWN,
                                         [PROBE_UNSET] = TERMINAL_NONE};
    return marks[outcome];
}

static TerminalStyle style_of(IssueSeverity severity) {
    return severity <= ISSUE_HIGH ? TERMINAL_RED : severity == ISSUE_MEDIUM ? TERMINAL_YELLOW : TERMINAL_DIM;
}

/* One line, cut to the columns that are left. */
static const char *fit(const RunbookView *view, const char *text, int columns) {
    if (text_width(text) <= columns)
        return text;
    char *copy = arena_strdup(view->call->arena, text);
    for (size_t length = strlen(copy); length > 0 && text_width(copy) > columns - 3; length--)
        copy[length - 1] = '\0';
    uint32_t ignored = 0;
    for (size_t at = 0, length = strlen(copy); at < length;) {
        size_t step = text_utf8((Text){copy + at, length - at}, &ignored);
        if (step == 0)
            copy[at] = '\0'; /* half a character at the end */
        at += step == 0 ? length : step;
    }
    return arena_printf(view->call->arena, "%s...", copy);
}

static const char *plural(Arena *arena, size_t count, const char *one, const char *many) {
    return count == 1 ? arena_printf(arena, "one %s", one) : arena_printf(arena, "%zu %s", count, many);
}

/* --- all at a glance --- */

const char *runbook_diagnose_text_sentence(const RunbookView *view) {
    Arena *arena = view->call->arena;
    const DiagnosisReport *report = view->report;
    const Diagnosis *first = diagnosis_first(report);
    size_t all = report->diagnoses.count;
    if (first != NULL)
        return arena_printf(arena, "%s on %s. Read first: %s",
                            report->present_count == 1 ? "One problem"
                                                       : arena_printf(arena, "%zu problems", report->present_count),
                            text_safe(arena, view->subject->name), first->issue->id);
    if (all == 0)
        return "The runbook holds no issue: nothing was asked.";
    if (report->unknown_count > 0)
        return arena_printf(arena, "Nothing was found on %s, but %zu of %zu issues could not be told.",
                            text_safe(arena, view->subject->name), report->unknown_count, all);
    return arena_printf(arena, "All is well on %s: %s asked, none present.", text_safe(arena, view->subject->name),
                        plural(arena, all, "issue", "issues"));
}

static void print_database(const RunbookView *view) {
    const CommandCall *call = view->call;
    const SessionFacts *facts = session_facts(view->subject->context.sessions);
    const Err *trouble = session_trouble(view->subject->context.sessions);
    const char *dot = sign(view, "·", "-");
    const char *took =
        arena_printf(call->arena, "%s in %s", plural(call->arena, view->report->diagnoses.count, "issue", "issues"),
                     time_length_text(call->arena, view->report->elapsed));
    if (trouble == NULL) {
        const char *line = arena_printf(call->arena, "%s %s PostgreSQL %s%s %s %s", facts->label, dot, facts->version,
                                        facts->standby ? " (standby)" : "", dot, took);
        fprintf(call->out, "  ");
        terminal_fill_from(call->out, paint(view, TERMINAL_DIM, line), 2, call->terminal->width);
        return;
    }
    fprintf(call->out, "  %s\n", paint(view, TERMINAL_DIM, took));
    terminal_item(call->out, mark(view, TERMINAL_WARN),
                  arena_printf(call->arena, "The database cannot be asked: %s", err_text(call->arena, trouble)),
                  call->terminal->width);
    const char *hint = err_first_hint(trouble);
    if (hint != NULL)
        terminal_fill(call->out, hint, 4, call->terminal->width);
}

/* A line of evidence on at most so many lines of the terminal. */
static void print_wrapped(const RunbookView *view, const char *text, int indent, int lines) {
    int width = view->call->terminal->width;
    fprintf(view->call->out, "%*s", indent, "");
    terminal_fill_from(view->call->out,
                       paint(view, TERMINAL_DIM, fit(view, text, lines * (width - indent) - (lines - 1) * 12)), indent,
                       width);
}

static void print_evidence(const RunbookView *view, const Diagnosis *diagnosis, int indent, int most) {
    const CommandCall *call = view->call;
    int shown = 0;
    for (size_t i = 0; i < diagnosis->blocks.count; i++) {
        const DiagnosisBlock *run = &diagnosis->blocks.items[i];
        if (run->block->role != ISSUE_PROBE || run->answer.outcome != PROBE_PRESENT)
            continue;
        LIST_EACH (const char *, line, run->answer.evidence) {
            if (shown++ < most)
                print_wrapped(view, *line, indent, 2);
        }
    }
    if (shown > most && most > EVIDENCE_SHOWN_BELOW)
        fprintf(call->out, "%*s%s\n", indent, "",
                paint(view, TERMINAL_DIM,
                      arena_printf(call->arena, "%s %s", sign(view, "…", "..."),
                                   plural(call->arena, (size_t)(shown - most), "more line", "more lines"))));
}

static int depth_of(const Diagnosis *diagnosis) {
    int depth = 0;
    for (const Diagnosis *at = diagnosis->cause; at != NULL; at = at->cause)
        depth++;
    return depth;
}

static void print_present(const RunbookView *view, const Diagnosis *diagnosis) {
    const CommandCall *call = view->call;
    int depth = depth_of(diagnosis), indent = 2 + 4 * (depth > 4 ? 4 : depth);
    const char *severity = issue_severity_name(diagnosis->issue->severity);
    const char *id = text_safe(call->arena, diagnosis->issue->id);
    if (depth == 0)
        fprintf(call->out, "\n%s %s  %s\n", mark(view, TERMINAL_BAD),
                paint(view, style_of(diagnosis->issue->severity), arena_printf(call->arena, "%-8s", severity)),
                paint(view, TERMINAL_BOLD, id));
    else
        fprintf(call->out, "%*s%s %s (%s, follows from it)\n", indent - 2, "", sign(view, "↳", "->"),
                paint(view, TERMINAL_BOLD, id), severity);
    int text_at = depth == 0 ? 12 : indent + 2;
    fprintf(call->out, "%*s", text_at, "");
    terminal_fill_from(call->out, text_safe(call->arena, diagnosis->issue->title), text_at, call->terminal->width);
    print_evidence(view, diagnosis, text_at, depth == 0 ? EVIDENCE_SHOWN : EVIDENCE_SHOWN_BELOW);
}

/* "slow-queries, table-bloat and 3 more" */
static const char *ids_of(Arena *arena, const DiagnosisReason *reason) {
    Buf *line = buf_new(arena, 64 * 1024);
    for (size_t i = 0; i < reason->diagnoses.count && i < IDS_SHOWN; i++)
        buf_printf(line, "%s%s", i == 0 ? "" : ", ", reason->diagnoses.items[i]->issue->id);
    if (reason->diagnoses.count > IDS_SHOWN)
        buf_printf(line, " and %zu more", reason->diagnoses.count - IDS_SHOWN);
    return line->at;
}

static void print_unknown(const RunbookView *view) {
    const CommandCall *call = view->call;
    DiagnosisReasons reasons = {0};
    const Err *failure = session_trouble(view->subject->context.sessions);
    const char *trouble = failure == NULL ? NULL : err_text(call->arena, failure);
    diagnosis_reasons(call->arena, view->report, &reasons);
    if (reasons.count == 0)
        return;
    fprintf(call->out, "\n%s %s  %s\n", mark(view, TERMINAL_UNKNOWN), paint(view, TERMINAL_YELLOW, "cannot tell"),
            paint(view, TERMINAL_BOLD, plural(call->arena, view->report->unknown_count, "issue", "issues")));
    LIST_EACH (const DiagnosisReason, reason, reasons) {
        fprintf(call->out, "    ");
        bool known = trouble != NULL && strcmp(reason->text, trouble) == 0;
        terminal_fill_from(call->out, known ? "the database cannot be asked (see above)" : reason->text, 4,
                           call->terminal->width);
        terminal_fill(call->out, paint(view, TERMINAL_DIM, ids_of(call->arena, reason)), 6, call->terminal->width);
    }
}

static void print_next(const RunbookView *view) {
    const CommandCall *call = view->call;
    const Diagnosis *first = diagnosis_first(view->report);
    const char *target = view->subject->open.target == NULL
                             ? ""
                             : arena_printf(call->arena, " --target %s", text_safe(call->arena, view->subject->name));
    if (first == NULL)
        return;
    fprintf(call->out, "\nNext: lifeboat runbook show %s\n", first->issue->id);
    if (issue_count(first->issue, ISSUE_RESOLVE) > 0)
        fprintf(call->out, "      lifeboat runbook resolve %s%s\n", first->issue->id, target);
}

void runbook_diagnose_text(const RunbookView *view) {
    const CommandCall *call = view->call;
    const DiagnosisReport *report = view->report;
    TerminalMark which = report->present_count > 0                                   ? TERMINAL_BAD
                         : report->unknown_count > 0 || report->diagnoses.count == 0 ? TERMINAL_UNKNOWN
                                                                                     : TERMINAL_GOOD;
    fprintf(call->out, "%s ", mark(view, which));
    terminal_fill_from(call->out, paint(view, TERMINAL_BOLD, runbook_diagnose_text_sentence(view)), 2,
                       call->terminal->width);
    print_database(view);
    for (size_t i = 0; i < report->present.count; i++)
        print_present(view, report->present.items[i]);
    print_unknown(view);
    if (report->absent_count > 0)
        fprintf(call->out, "\n%s %s       %s\n", mark(view, TERMINAL_GOOD), paint(view, TERMINAL_GREEN, "absent"),
                plural(call->arena, report->absent_count, "issue", "issues"));
    print_next(view);
}

/* --- one issue --- */

static void print_block(const RunbookView *view, const DiagnosisBlock *run) {
    const CommandCall *call = view->call;
    const IssueBlock *block = run->block;
    bool look = block->role == ISSUE_LOOK,
         told = run->answer.outcome == PROBE_PRESENT || run->answer.outcome == PROBE_ABSENT;
    const char *word = look && told ? "seen" : probe_outcome_text(run->answer.outcome);
    TerminalMark which = look && told ? TERMINAL_NONE : mark_of(run->answer.outcome);
    const char *before =
        block->before[0] == '\0'
            ? ""
            : arena_printf(call->arena, ": %s",
                           text_safe(call->arena, probe_shown(call->arena, view->subject->open.values, block->before)));
    fputc('\n', call->out);
    terminal_item(call->out, mark(view, which),
                  arena_printf(call->arena, "%s  %s %s, line %d%s", paint(view, TERMINAL_BOLD, word),
                               issue_kind_name(block->kind), issue_role_name(block->role), block->line, before),
                  call->terminal->width);
    if (run->answer.reason != NULL)
        terminal_fill(call->out, run->answer.reason, 6, call->terminal->width);
    LIST_EACH (const char *, line, run->answer.evidence) {
        print_wrapped(view, *line, 6, 8);
    }
    if (block->expected[0] != '\0')
        terminal_fill(call->out,
                      paint(view, TERMINAL_DIM,
                            arena_printf(call->arena, "Expected: %s",
                                         text_safe(call->arena, probe_shown(call->arena, view->subject->open.values,
                                                                            block->expected)))),
                      6, call->terminal->width);
}

void runbook_diagnose_text_one(const RunbookView *view, const Diagnosis *diagnosis) {
    const CommandCall *call = view->call;
    const Issue *issue = diagnosis->issue;
    fprintf(call->out, "%s %s: %s\n", mark(view, mark_of(diagnosis->outcome)), paint(view, TERMINAL_BOLD, issue->id),
            paint(view, TERMINAL_BOLD, probe_outcome_text(diagnosis->outcome)));
    terminal_fill(call->out, text_safe(call->arena, issue->title), 2, call->terminal->width);
    if (diagnosis->reason != NULL)
        terminal_fill(call->out, diagnosis->reason, 2, call->terminal->width);
    const char *dot = sign(view, "·", "-");
    const char *label = session_facts(view->subject->context.sessions)->label;
    terminal_fill(call->out,
                  paint(view, TERMINAL_DIM,
                        arena_printf(call->arena, "%s %s owner %s %s %s", issue_severity_name(issue->severity), dot,
                                     text_safe(call->arena, issue->owner), dot, label)),
                  2, call->terminal->width);
    for (size_t i = 0; i < diagnosis->blocks.count; i++)
        print_block(view, &diagnosis->blocks.items[i]);
    if (diagnosis->outcome == PROBE_PRESENT && !view->resolving)
        print_next(view);
}
