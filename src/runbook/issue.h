/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_ISSUE_H
#define LIFEBOAT_RUNBOOK_ISSUE_H

#include "base/err.h"
#include "base/list.h"
#include "base/text.h"

/*
 * Issue: one Markdown file of the runbook or of the plan (docs/runbook-format.md), read with cmark. People read the
 * text, lifeboat executes its fenced blocks.
 *
 * Whatever is wrong with a file is a Problem with its line; reading goes on behind it, so that `runbook check` shows
 * all of them at once. An issue that has a problem is `broken`: it may be shown, but it is never executed, and its
 * diagnosis is "cannot tell" with the first problem as the reason. What an issue could not be read for is empty (""),
 * never NULL; lists are empty.
 *
 *     Issue *issue = NULL;
 *     TRY(issue_parse(arena, bytes, "database/deadlocks.md", ISSUE_OF_RUNBOOK, &issue));
 *     LIST_EACH (IssueBlock, block, issue->blocks) { if (block->role == ISSUE_PROBE) ... block->body ... }
 */
typedef enum IssueForm {
    ISSUE_OF_RUNBOOK,  /* section/id.md: five parts */
    ISSUE_OF_SCENARIO, /* plan/scenario-*.md: roles fault, step, expect, undo */
    ISSUE_OF_TEXT,     /* an index or a chapter of the plan: no front matter, blocks are only shown */
} IssueForm;

typedef enum IssueKind { ISSUE_SQL, ISSUE_HTTP, ISSUE_LOG, ISSUE_SH } IssueKind;

typedef enum IssueRole {
    ISSUE_PROBE,
    ISSUE_RULEOUT,
    ISSUE_LOOK,
    ISSUE_RESOLVE,
    ISSUE_MANUAL,
    ISSUE_FAULT, /* from here on: scenarios only */
    ISSUE_STEP,
    ISSUE_EXPECT,
    ISSUE_UNDO,
} IssueRole;

typedef enum IssuePart {
    ISSUE_NOWHERE,
    ISSUE_SYMPTOMS,
    ISSUE_DIAGNOSIS,
    ISSUE_RESOLUTION,
    ISSUE_ESCALATION,
    ISSUE_RELATED,
} IssuePart;

/* In the order of urgency: a smaller one is more urgent. */
typedef enum IssueSeverity { ISSUE_CRITICAL, ISSUE_HIGH, ISSUE_MEDIUM, ISSUE_LOW } IssueSeverity;

/* Of the resolution, harmless first. */
typedef enum IssueDanger { ISSUE_HARMLESS, ISSUE_MILD, ISSUE_MODERATE, ISSUE_SEVERE } IssueDanger;

/* Which server a block of a scenario speaks to. */
typedef enum IssueServer { ISSUE_ON_TARGET, ISSUE_ON_SOURCE, ISSUE_ON_SANDBOX } IssueServer;

typedef struct IssueProblem {
    const char *file;
    int line;            /* 0: of the file as a whole */
    const char *message; /* one line without full stop; bytes from the file are quoted safely */
    const char *hint;    /* what to do, or NULL */
} IssueProblem;

typedef LIST(IssueProblem) IssueProblems;
typedef LIST(const char *) IssueNames;

typedef struct IssueLink {
    const char *url;
    int line;
} IssueLink;

typedef struct IssueBlock {
    IssueKind kind;
    IssueRole role;
    IssuePart part;
    const char *body;         /* without indentation, with {{name}} as written; every line ends in \n */
    size_t length;            /* of the body: a body may hold any byte but NUL */
    int line;                 /* of the opening fence; the body begins on the next one */
    const char *before;       /* the paragraph before it, in this list item or above it; plain text on one line, "" */
    const char *expected;     /* what "Expected:" says behind it, plain text on one line, "" when there is none */
    const char *precondition; /* resolve and manual: the three comment lines, without their word; "" when missing */
    const char *blast;
    const char *undo;
    int minutes;        /* scenarios: minutes=N, 0 when not given */
    IssueServer server; /* scenarios: on=... */
} IssueBlock;

typedef struct Issue {
    const char *file; /* as given to issue_parse: "database/deadlocks.md" */
    const char *id;   /* of the front matter, else the file's name without .md */
    const char *title;
    const char *heading; /* as it stands: "Issue: ...", "Scenario 3: ...", the first one of a text */
    const char *section; /* of the front matter, else the file's folder */
    IssueSeverity severity;
    const char *owner; /* "database": contact_database is called */
    IssueDanger danger;
    bool decide_all;
    IssueNames findings, needs, resolve_needs, consequences, look_alikes;
    const char *not_tested; /* why, or NULL: in the matrix */
    int number;             /* scenarios: "### Scenario 3: ..."; else 0 */
    const char *rto, *rpo;  /* scenarios, as written: "4h"; else "" */
    IssueNames cells;       /* scenarios: what the drills cover */
    LIST(IssueBlock) blocks;
    LIST(IssueLink) links;
    int part_lines[ISSUE_RELATED + 1]; /* line of each part's name, 0 when it is missing */
    IssueNames symptoms;               /* the list items of Symptoms, as plain text */
    IssueNames error_texts; /* every `code` and shown block under Symptoms: what people paste into the search */
    const char *markdown;   /* what stands behind the front matter */
    int markdown_line;      /* line of the file on which that begins */
    IssueProblems problems;
    bool broken; /* problems.count > 0; also set by runbook_check for what only it sees */
} Issue;

/* ERR_LIMIT for a file beyond 1 MiB, ERR_DATA for one with NUL bytes or invalid UTF-8; everything else that is wrong is
 * in (*out)->problems. The bytes need not outlive the call. */
Err *issue_parse(Arena *arena, Text bytes, const char *file, IssueForm form, Issue **out);

/* In the place of an issue whose file could not be read: broken, with the error as its problem. */
Issue *issue_unreadable(Arena *arena, const char *file, const Err *err);

/* Adds a problem, and makes the issue broken. */
void issue_problem(Arena *arena, Issue *issue, int line, const char *message, const char *hint);

/* What stands between the name of a part and the next one, as written; "" when the part is missing. */
Text issue_part(const Issue *issue, IssuePart part);

/* How many blocks of that role there are. */
size_t issue_count(const Issue *issue, IssueRole role);

/* The next block of that role behind `block` (NULL: from the start), or NULL. */
const IssueBlock *issue_next(const Issue *issue, const IssueBlock *block, IssueRole role);

/* What the steps and expectations of a scenario are allowed together. */
int issue_minutes(const Issue *issue);

/* "file:line" for messages. */
const char *issue_place(Arena *arena, const Issue *issue, int line);

/* Words as they are written. */
const char *issue_kind_name(IssueKind kind);
const char *issue_role_name(IssueRole role);
const char *issue_part_name(IssuePart part); /* "Related Issues" */
const char *issue_severity_name(IssueSeverity severity);
const char *issue_danger_name(IssueDanger danger);
const char *issue_danger_text(IssueDanger danger); /* "ends sessions, restarts, or takes locks" */
const char *issue_server_name(IssueServer server);

/* The sections in their order, and what they are called in a heading; issue_section_title is NULL for another word. */
extern const char *const issue_sections[]; /* NULL-terminated */
const char *issue_section_title(const char *section);

#endif
