/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/stored_report.h"

#include <string.h>

#include "base/text.h"

typedef struct Page {
    Arena *arena;
    const Terminal *terminal;
    FILE *out;
} Page;

static const char *get(const Page *page, const json_t *object, const char *key) {
    return text_safe(page->arena, json_get_string(object, key, ""));
}

static const char *mark(const Page *page, const char *word) {
    static const struct {
        const char *word;
        TerminalMark mark;
    } marks[] = {{"pass", TERMINAL_GOOD},  {"warn", TERMINAL_WARN},   {"warning", TERMINAL_WARN},
                 {"fail", TERMINAL_BAD},   {"failure", TERMINAL_BAD}, {"skipped", TERMINAL_NONE},
                 {"notice", TERMINAL_NONE}};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (strcmp(marks[i].word, word) == 0)
            return terminal_mark(page->arena, page->terminal, marks[i].mark);
    }
    return terminal_mark(page->arena, page->terminal, TERMINAL_UNKNOWN);
}

static void print_head(const Page *page, const json_t *report) {
    const json_t *backup = json_object_get(report, "backup");
    const char *verdict = get(page, report, "verdict");
    fprintf(page->out, "%s %s: ", mark(page, verdict), verdict);
    terminal_fill(page->out, get(page, report, "reason"), 0, page->terminal->width);
    fprintf(page->out, "\n  run       %s\n", get(page, report, "run_id"));
    fprintf(page->out, "  finished  %s\n", get(page, report, "finished_at"));
    fprintf(page->out, "  proof     level %llu, %s\n", (unsigned long long)json_get_u64(report, "proof_level", 0),
            get(page, report, "proof_name"));
    if (json_is_object(backup))
        fprintf(page->out, "  backup    %s\n", get(page, backup, "path"));
}

/* Checks that nobody asked for stand under "Not tested". */
static void print_checks(const Page *page, const json_t *report) {
    size_t index;
    json_t *check;
    fputs("\nChecks\n", page->out);
    json_array_foreach(json_object_get(report, "checks"), index, check) {
        const char *status = get(page, check, "status"), *title = get(page, check, "title");
        const char *observed = get(page, check, "observed"), *expected = get(page, check, "expected");
        if (strcmp(status, "skipped") == 0)
            continue;
        bool held = strcmp(status, "pass") == 0;
        if (strcmp(status, "unknown") == 0)
            observed = get(page, check, "why");
        fprintf(page->out, "  %s %-7s  %-34s %s\n", mark(page, status), status,
                *title == '\0' ? get(page, check, "id") : title, observed);
        if (!held && *expected != '\0')
            fprintf(page->out, "%*sexpected: %s\n", 48, "", expected);
    }
}

static void print_findings(const Page *page, const json_t *report) {
    size_t index;
    json_t *finding;
    const json_t *findings = json_object_get(report, "findings");
    if (json_array_size(findings) > 0)
        fputs("\nFindings\n", page->out);
    json_array_foreach(findings, index, finding) {
        const char *where = get(page, finding, "where");
        fprintf(page->out, "  %s %s%s%s\n", mark(page, get(page, finding, "severity")), get(page, finding, "id"),
                *where == '\0' ? "" : ": ", where);
        terminal_fill(page->out, get(page, finding, "message"), 4, page->terminal->width);
    }
}

static void print_not_tested(const Page *page, const json_t *report) {
    size_t index;
    json_t *item;
    const json_t *list = json_object_get(report, "not_tested");
    if (json_array_size(list) > 0)
        fputs("\nNot tested\n", page->out);
    json_array_foreach(list, index, item) {
        terminal_entry(page->out, get(page, item, "what"), get(page, item, "why"), 24, page->terminal->width);
    }
}

void stored_report_print(Arena *arena, const Terminal *terminal, const json_t *report, FILE *out) {
    Page page = {.arena = arena, .terminal = terminal, .out = out};
    print_head(&page, report);
    print_checks(&page, report);
    print_findings(&page, report);
    print_not_tested(&page, report);
    const char *next = get(&page, report, "next_step");
    if (*next != '\0') {
        fputc('\n', out);
        terminal_fill(out, arena_printf(arena, "Next: %s", next), 0, terminal->width);
    }
}
