/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/page_runbook.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

enum { RUNBOOK_MAXIMUM = 32 << 20 };

typedef struct Book {
    Arena *arena;
    const Runbook *runbook;
    const ParameterValues *values;
    Buf *out;
} Book;

/* One row of an index. */
typedef struct Entry {
    const char *text;
    const Issue *issue;
} Entry;

static const char *link_to(const Book *book, const Issue *issue) {
    return arena_printf(book->arena, "[%s](#%s)", issue->title, page_anchor(book->arena, page_heading(issue)));
}

/* The page without its first heading, if that is of level 1. */
static const char *without_title(const char *text) {
    if (strncmp(text, "# ", 2) != 0)
        return text;
    const char *end = strchr(text, '\n');
    return end == NULL ? "" : end + strspn(end, "\n");
}

static void put_contents(const Book *book) {
    size_t number = 0;
    buf_string(book->out, "## Contents\n\n");
    LIST_EACH (const RunbookSection, section, book->runbook->sections) {
        const char *heading = arena_printf(book->arena, "%zu. %s", ++number, section->title);
        buf_printf(book->out, "%zu. [%s](#%s)", number, section->title, page_anchor(book->arena, heading));
        buf_printf(book->out, section->count == 1 ? " (1 issue)\n" : " (%zu issues)\n", section->count);
    }
    buf_string(book->out,
               "\nThen: [index by symptom](#index-by-symptom), [index by error message](#index-by-error-message).\n\n");
}

static void put_section(const Book *book, const RunbookSection *section, size_t number) {
    PageRequest index = {.runbook = book->runbook, .values = book->values, .links = PAGE_LINKS_IN_RUNBOOK, .deeper = 1};
    PageRequest issue = {
        .runbook = book->runbook, .values = book->values, .links = PAGE_LINKS_IN_RUNBOOK, .facts = true};
    buf_printf(book->out, "## %zu. %s\n\n", number, section->title);
    if (section->index != NULL) {
        const char *text = page_text(book->arena, &index, section->index);
        text += strncmp(text, "## ", 3) == 0 ? 1 : 0;
        buf_printf(book->out, "%s\n", without_title(text));
    }
    if (section->count > 0)
        buf_string(book->out, "| issue | severity | owner |\n|---|---|---|\n");
    for (size_t i = section->first; i < section->first + section->count; i++) {
        const Issue *at = book->runbook->issues.items[i];
        buf_printf(book->out, "| %s | %s | %s |\n", page_cell(book->arena, link_to(book, at)),
                   issue_severity_name(at->severity), at->owner);
    }
    buf_string(book->out, section->count > 0 ? "\n" : "");
    for (size_t i = section->first; i < section->first + section->count; i++)
        buf_printf(book->out, "%s\n", page_text(book->arena, &issue, book->runbook->issues.items[i]));
}

static int by_text(const void *left, const void *right) {
    const Entry *a = left, *b = right;
    int order = strcasecmp(a->text, b->text);
    return order != 0 ? order : strcmp(a->issue->id, b->issue->id);
}

static void put_symptoms(const Book *book) {
    buf_string(book->out, "## Index by symptom\n\n| what is seen | issue |\n|---|---|\n");
    LIST_EACH (Issue *const, issue, book->runbook->issues) {
        LIST_EACH (const char *const, symptom, (*issue)->symptoms) {
            const char *shown = parameter_shown_text(book->arena, book->values, *symptom);
            buf_printf(book->out, "| %s | %s |\n", page_cell(book->arena, shown), link_to(book, *issue));
        }
    }
    buf_byte(book->out, '\n');
}

/* A message has more than one word, or is the name of an error; the names of tables and columns are no messages. */
static bool is_message(const char *text) {
    size_t upper = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    return strchr(text, ' ') != NULL || (upper == strlen(text) && upper >= 5) || strstr(text, "Error") != NULL;
}

static void put_errors(const Book *book) {
    LIST(Entry) entries = {0};
    buf_string(book->out, "## Index by error message\n\n| message | issue |\n|---|---|\n");
    LIST_EACH (Issue *const, issue, book->runbook->issues) {
        LIST_EACH (const char *const, text, (*issue)->error_texts) {
            if (is_message(*text))
                *LIST_PUSH(book->arena, entries) = (Entry){*text, *issue};
        }
    }
    if (entries.count > 0)
        qsort(entries.items, entries.count, sizeof(Entry), by_text);
    for (size_t i = 0; i < entries.count; i++) {
        const Entry *entry = &entries.items[i];
        if (i > 0 && by_text(entry, entry - 1) == 0)
            continue;
        const char *ticks = strchr(entry->text, '`') == NULL ? "`" : "``";
        buf_printf(book->out, "| %s%s%s | %s |\n", ticks, page_cell(book->arena, entry->text), ticks,
                   link_to(book, entry->issue));
    }
}

const char *page_runbook(Arena *arena, const Runbook *runbook, const ParameterValues *values) {
    Book book = {.arena = arena, .runbook = runbook, .values = values, .out = buf_new(arena, RUNBOOK_MAXIMUM)};
    size_t number = 0;
    buf_printf(
        book.out,
        "# Runbook\n\n"
        "What to do when something is broken: %zu issues, each with symptoms, diagnosis, resolution and escalation. "
        "\"lifeboat runbook diagnose\" asks for all of them at once and changes nothing; \"lifeboat runbook search "
        "WORDS\" finds one by what is seen; \"lifeboat runbook show ID\" shows it with the values of your "
        "configuration.\n\n"
        "*Made from `runbook/` by `lifeboat runbook render --out RUNBOOK.md`: change it there.*\n\n",
        runbook->issues.count);
    put_contents(&book);
    LIST_EACH (const RunbookSection, section, runbook->sections) {
        put_section(&book, section, ++number);
    }
    put_symptoms(&book);
    put_errors(&book);
    return book.out->at;
}

static void put_plan_contents(Arena *arena, Buf *out, const Plan *plan) {
    buf_string(out, "## Contents\n\n");
    LIST_EACH (Issue *const, issue, plan->issues) {
        const char *heading = page_heading(*issue);
        buf_printf(out, "%s- [%s](#%s)\n", plan_is_scenario(*issue) ? "  " : "", heading, page_anchor(arena, heading));
    }
    buf_byte(out, '\n');
}

const char *page_runbook_plan(Arena *arena, const PageRequest *request) {
    Buf *out = buf_new(arena, RUNBOOK_MAXIMUM);
    PageRequest text = *request;
    buf_string(out,
               "# Disaster recovery plan\n\n"
               "*Made from `plan/` by `lifeboat plan render --out DISASTER_RECOVERY_PLAN.md`: change it there. "
               "\"lifeboat plan show NAME\" shows a chapter or scenario with the values of your configuration.*\n\n");
    put_plan_contents(arena, out, request->plan);
    LIST_EACH (Issue *const, issue, request->plan->issues) {
        text.deeper = plan_is_scenario(*issue) ? 0 : 1;
        text.facts = plan_is_scenario(*issue);
        buf_printf(out, "%s\n", page_text(arena, &text, *issue));
    }
    return out->at;
}
