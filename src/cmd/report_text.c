/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/report_text.h"

#include <string.h>

#include "base/text.h"

enum { OBSERVED_COLUMN = 49, FINDINGS_SHOWN = 12 };

typedef struct Print {
    Arena *arena;
    FILE *out;
    const Terminal *terminal;
    const Report *report;
} Print;

static TerminalMark status_mark(CheckStatus status) {
    static const TerminalMark marks[] = {[CHECK_UNKNOWN] = TERMINAL_UNKNOWN,
                                         [CHECK_PASS] = TERMINAL_GOOD,
                                         [CHECK_WARN] = TERMINAL_WARN,
                                         [CHECK_FAIL] = TERMINAL_BAD,
                                         [CHECK_SKIPPED] = TERMINAL_NONE};
    return marks[status];
}

static TerminalMark severity_mark(CheckSeverity severity) {
    static const TerminalMark marks[] = {
        [CHECK_NOTICE] = TERMINAL_NONE, [CHECK_WARNING] = TERMINAL_WARN, [CHECK_FAILURE] = TERMINAL_BAD};
    return marks[severity];
}

static const struct {
    TerminalMark mark;
    TerminalStyle style;
    const char *word;
} verdicts[] = {
    [VERDICT_UNKNOWN] = {TERMINAL_UNKNOWN, TERMINAL_YELLOW, "UNKNOWN"},
    [VERDICT_PASS] = {TERMINAL_GOOD, TERMINAL_GREEN, "PASS"},
    [VERDICT_WARN] = {TERMINAL_WARN, TERMINAL_YELLOW, "WARN"},
    [VERDICT_FAIL] = {TERMINAL_BAD, TERMINAL_RED, "FAIL"},
};

static const char *name_of(const Print *print) {
    const Report *report = print->report;
    const char *name = text_safe(print->arena, report->backup != NULL ? report->backup->id : report->path);
    if (report->target[0] == '\0')
        return name;
    return arena_printf(print->arena, "%s: %s", text_safe(print->arena, report->target), name);
}

static void heading(const Print *print, const char *text) {
    fprintf(print->out, "\n%s\n", terminal_paint(print->arena, print->terminal, TERMINAL_BOLD, text));
}

/* A mark, and text filled to the right of it. */
static void marked(const Print *print, TerminalMark mark, const char *text) {
    terminal_item(print->out, terminal_mark(print->arena, print->terminal, mark), text_safe(print->arena, text),
                  print->terminal->width);
}

static void put_sentence(const Print *print) {
    const Report *report = print->report;
    const char *word =
        terminal_paint(print->arena, print->terminal, verdicts[report->verdict].style, verdicts[report->verdict].word);
    fprintf(print->out, "%s %s  %s\n", terminal_mark(print->arena, print->terminal, verdicts[report->verdict].mark),
            word, terminal_paint(print->arena, print->terminal, TERMINAL_BOLD, name_of(print)));
    terminal_fill(print->out, text_safe(print->arena, report->reason), 2, print->terminal->width);
    terminal_fill(print->out,
                  arena_printf(print->arena, "Proof level %d of 6: %s%s.%s", report->proof_level,
                               report_proof_name(report->proof_level), report->attested ? ", attested" : "",
                               report->clock_overridden ? " The clock was set by LIFEBOAT_NOW." : ""),
                  2, print->terminal->width);
}

/* ---- checks ---- */

static void put_check(const Print *print, CheckStatus status, const char *title, const char *observed) {
    const char *mark = terminal_mark(print->arena, print->terminal, status_mark(status));
    const char *left = arena_printf(print->arena, "%s %-8s %s", mark, check_status_name(status), title);
    terminal_entry(print->out, left, text_safe(print->arena, observed == NULL ? "" : observed), OBSERVED_COLUMN,
                   print->terminal->width);
}

/* Without a backup most checks cannot look, all for the same reason: it is said once. */
static size_t same_reason(const CheckResults *results, size_t from) {
    const CheckResult *first = &results->items[from];
    size_t count = 0;
    for (size_t at = from; at < results->count; at++) {
        const CheckResult *result = &results->items[at];
        count += result->status == CHECK_UNKNOWN && strcmp(result->why, first->why) == 0;
    }
    return count;
}

static bool said_before(const CheckResults *results, size_t at) {
    for (size_t before = 0; before < at; before++)
        if (results->items[before].status == CHECK_UNKNOWN &&
            strcmp(results->items[before].why, results->items[at].why) == 0)
            return true;
    return false;
}

static void put_unknown(const Print *print, size_t at) {
    const CheckResults *results = &print->report->checks;
    const CheckResult *result = &results->items[at];
    size_t count = same_reason(results, at);
    if (said_before(results, at))
        return;
    const char *why = count == 1 ? result->why
                                 : arena_printf(print->arena, "%s (and %s)", result->why,
                                                check_count_text(print->arena, count - 1, "more check"));
    put_check(print, CHECK_UNKNOWN, result->check->title, why);
}

static void put_checks(const Print *print) {
    const CheckResults *results = &print->report->checks;
    fputc('\n', print->out);
    for (size_t at = 0; at < results->count; at++) {
        const CheckResult *result = &results->items[at];
        if (result->status == CHECK_UNKNOWN)
            put_unknown(print, at);
        else if (result->status != CHECK_SKIPPED)
            put_check(print, result->status, result->check->title, result->observed);
    }
}

/* ---- findings ---- */

/* `next` is the finding below it, or NULL: an id is said once where there is nothing else to say. */
static void put_finding(const Print *print, const Finding *finding, const Finding *next) {
    Arena *arena = print->arena;
    marked(print, severity_mark(finding->severity), finding->message);
    bool bare = finding->expected[0] == '\0' && finding->found[0] == '\0';
    if (bare && next != NULL && strcmp(next->id, finding->id) == 0)
        return;
    const char *expected =
        finding->expected[0] == '\0' ? "" : arena_printf(arena, " | expected: %s", finding->expected);
    const char *found = finding->found[0] == '\0' ? "" : arena_printf(arena, " | found: %s", finding->found);
    const char *detail = arena_printf(arena, "%s%s%s", finding->id, expected, found);
    terminal_fill(print->out, text_safe(arena, detail), 6, print->terminal->width);
}

static void put_findings(const Print *print, CheckSeverity from, CheckSeverity to, const char *title) {
    Findings findings, shown = {0};
    report_findings(print->arena, print->report, from, &findings);
    LIST_EACH (const Finding, finding, findings) {
        if (finding->severity <= to)
            *LIST_PUSH(print->arena, shown) = *finding;
    }
    if (shown.count == 0)
        return;
    heading(print, title);
    size_t count = shown.count < FINDINGS_SHOWN ? shown.count : FINDINGS_SHOWN;
    for (size_t at = 0; at < count; at++)
        put_finding(print, &shown.items[at], at + 1 < count ? &shown.items[at + 1] : NULL);
    if (shown.count > FINDINGS_SHOWN)
        terminal_fill(
            print->out,
            arena_printf(print->arena, "... and %zu more: --json shows all of them", shown.count - FINDINGS_SHOWN), 4,
            print->terminal->width);
}

/* "Row counts; structure": only the first of a list begins with a capital. */
static const char *joined(Arena *arena, const char *list, const char *item) {
    if (list[0] == '\0')
        return item;
    char *lower = arena_strdup(arena, item);
    bool word = item[0] >= 'A' && item[0] <= 'Z' && item[1] >= 'a' && item[1] <= 'z';
    lower[0] = (char)(word ? item[0] - 'A' + 'a' : item[0]);
    return arena_printf(arena, "%s; %s", list, lower);
}

/* What was left out for the same reason is said in one go. */
static void put_not_tested(const Print *print) {
    const Report *report = print->report;
    heading(print, "Not tested");
    for (size_t at = 0; at < report->not_tested.count; at++) {
        const char *what = "", *why = report->not_tested.items[at].why;
        bool said = false;
        for (size_t other = 0; other < report->not_tested.count; other++) {
            const ReportNotTested *item = &report->not_tested.items[other];
            bool same = strcmp(item->why, why) == 0;
            said |= same && other < at;
            if (same)
                what = joined(print->arena, what, item->what);
        }
        if (!said)
            marked(print, TERMINAL_NONE, arena_printf(print->arena, "%s: %s", what, why));
    }
}

static void put_next_step(const Print *print) {
    const Report *report = print->report;
    if (report->next_step[0] == '\0')
        return;
    heading(print, "What to do now");
    terminal_fill(print->out, report->next_step, 2, print->terminal->width);
}

static Print print_to(FILE *out, const Terminal *terminal, const Report *report) {
    return (Print){.arena = arena_new(), .out = out, .terminal = terminal, .report = report};
}

void report_text(FILE *out, const Terminal *terminal, const Report *report) {
    Print print = print_to(out, terminal, report);
    put_sentence(&print);
    arena_free(print.arena);
    report_text_body(out, terminal, report);
}

void report_text_body(FILE *out, const Terminal *terminal, const Report *report) {
    Print print = print_to(out, terminal, report);
    put_checks(&print);
    put_findings(&print, CHECK_WARNING, CHECK_FAILURE, "What is wrong");
    put_next_step(&print);
    put_findings(&print, CHECK_NOTICE, CHECK_NOTICE, "Worth knowing");
    put_not_tested(&print);
    arena_free(print.arena);
}

void report_text_line(FILE *out, const Terminal *terminal, const Report *report) {
    Print print = print_to(out, terminal, report);
    fprintf(out, "%s %s  %s: %s\n", terminal_mark(print.arena, terminal, verdicts[report->verdict].mark),
            terminal_paint(print.arena, terminal, verdicts[report->verdict].style, verdicts[report->verdict].word),
            name_of(&print), text_safe(print.arena, report->reason));
    arena_free(print.arena);
}
