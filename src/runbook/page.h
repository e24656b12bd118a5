/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PAGE_H
#define LIFEBOAT_RUNBOOK_PAGE_H

#include "runbook/plan.h"
#include "runbook/runbook.h"

/*
 * Page: Markdown for people, made from issues and chapters: values in the place of {{name}}, blocks that can be pasted,
 * links that lead where they should from where the page is. The same bytes for the same input.
 */
typedef enum PageLinks {
    PAGE_LINKS_AS_WRITTEN,
    PAGE_LINKS_IN_RUNBOOK, /* to issues as anchors of the same page, to other files from the repository's root */
    PAGE_LINKS_IN_PLAN,    /* the same for chapters and scenarios; issues are in RUNBOOK.md */
} PageLinks;

typedef struct PageRequest {
    const Runbook *runbook;
    const ParameterValues *values;
    PageLinks links;
    const Plan *plan; /* for PAGE_LINKS_IN_PLAN */
    int deeper;       /* levels added to every heading */
    bool facts;       /* a line with id, severity, owner, danger and date behind the title */
} PageRequest;

/* One issue, index or chapter. */
const char *page_text(Arena *arena, const PageRequest *request, const Issue *issue);

/* The heading of an issue, chapter or scenario: "Issue: A session sits idle", "Scenario 1: Database corruption". */
const char *page_heading(const Issue *issue);

/* "idle-in-transaction · high · owner database · ...", as Markdown. */
const char *page_facts(Arena *arena, const Runbook *runbook, const Issue *issue);

/* GitHub's anchor of a heading: "#issue-a-session-sits-idle" without the #. */
const char *page_anchor(Arena *arena, const char *heading);

/* A cell of a table: no line ends, no bars. */
const char *page_cell(Arena *arena, const char *text);

/* The issue that a link written in `from` leads to, or NULL. */
const Issue *page_linked_issue(Arena *arena, const Runbook *runbook, const char *url);

#endif
