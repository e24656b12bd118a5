/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_RUNBOOK_H
#define LIFEBOAT_RUNBOOK_RUNBOOK_H

#include "runbook/issue.h"
#include "runbook/parameter.h"

/*
 * Runbook: all issues, in the order of their sections and, within one, of their ids.
 *
 * It is compiled into the program, so that it is there when nothing else is. A directory of the same layout can stand
 * in its place, and further ones can be laid over it: a file of the same name replaces, another one adds.
 */
typedef struct RunbookSection {
    const char *name;    /* "database" */
    const char *title;   /* "Database Issues" */
    const Issue *index;  /* its index.md (ISSUE_OF_TEXT), or NULL */
    size_t first, count; /* of its issues in Runbook.issues */
} RunbookSection;

typedef struct RunbookTested {
    const char *id, *date, *server, *result; /* tested.tsv */
} RunbookTested;

typedef struct Runbook {
    const char *origin; /* "built in", or the directories */
    LIST(RunbookSection) sections;
    LIST(Issue *) issues;
    Parameters parameters;
    LIST(RunbookTested) tested;
    IssueProblems problems; /* of what is no issue: parameters.conf, tested.tsv, two files with the same id */
    IssueNames files;       /* every file, relative to the root: what a link may point to */
} Runbook;

/* The files that are compiled in, runbook/ and plan/ alike: "runbook/database/deadlocks.md". Ends with a NULL path. */
typedef struct RunbookFile {
    const char *path;
    const char *text;
} RunbookFile;
extern const RunbookFile runbook_files[];

/* The settings of [runbook] that are no parameters: runbook, add_runbook, plan. NULL-terminated. */
extern const Option *const runbook_options[];
extern const Option runbook_option_directory;
extern const Option runbook_option_additional;
extern const Option runbook_option_plan;

typedef struct RunbookPlaces {
    const char *directory;         /* NULL: the one that is compiled in */
    const char *const *additional; /* laid over it, in this order */
    size_t additional_count;
} RunbookPlaces;

/* An Err only when the files cannot be read at all; what is wrong in them is in the issues and in `problems`. */
Err *runbook_load(Arena *arena, const RunbookPlaces *places, Runbook **out);

/* NULL when there is no such issue. */
const Issue *runbook_find(const Runbook *runbook, const char *id);

/* ERR_USAGE, with a suggestion, when there is no such issue. */
Err *runbook_get(Arena *arena, const Runbook *runbook, const char *id, const Issue **out);

/* The newest row of tested.tsv for the issue, or NULL. */
const RunbookTested *runbook_tested(const Runbook *runbook, const char *id);

/* The most urgent issue whose `findings` name it, or NULL. */
const Issue *runbook_of_finding(const Runbook *runbook, const char *finding);

#endif
