/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_LINT_H
#define LIFEBOAT_RUNBOOK_LINT_H

#include "runbook/runbook.h"

/*
 * Lint: what `runbook check` refuses beyond what reading an issue finds (docs/runbook-format.md, section 6).
 *
 * lint_blocks looks at what would be executed: a probe that writes, a placeholder in quotes, a condition that does not
 * parse. An issue with such a block is broken, and is not executed; so it is called before every diagnosis.
 * lint_runbook looks at the issues together, for their authors: links, look-alikes, findings, parameters, proof. Its
 * problems stand in runbook->problems and break nothing.
 */
void lint_blocks(Arena *arena, const Parameters *parameters, Issue *issue);

typedef struct LintRequest {
    const char *directory; /* of the runbook on disk, NULL for the built-in one: links out of it are not looked at */
    const char *inject;    /* tests/runbook/inject, NULL: proof is not looked at */
    const Issue *const *others; /* chapters and scenarios of the plan: they use parameters too */
    size_t other_count;
} LintRequest;

void lint_runbook(Arena *arena, Runbook *runbook, const LintRequest *request);

/* Links of a chapter or issue that lead to no file of the list; `folder` is where it stands ("runbook/database"). */
typedef struct LintPlace {
    const char *folder;
    const IssueNames *files; /* below runbook/ */
    const char *root;        /* directory that holds runbook/ and docs/, NULL when it is not known */
} LintPlace;
void lint_links(Arena *arena, const Issue *issue, const LintPlace *place, IssueProblems *problems);

/* {{name}} in running text that nobody declared. */
void lint_text(Arena *arena, const Parameters *parameters, const Issue *issue, IssueProblems *problems);

/* ---- lint_sql.c, lint_sh.c: what is wrong with a block, NULL when nothing is; *hint says what to do ---- */

typedef struct LintBlock {
    const Parameters *parameters;
    const IssueBlock *block;
    const char *hint;
} LintBlock;

const char *lint_sql(Arena *arena, LintBlock *lint);
const char *lint_sh(Arena *arena, LintBlock *lint);

/* A placeholder of a block that is not declared, or whose type does not belong there. */
const char *lint_placeholder(Arena *arena, LintBlock *lint, const char *name);

/* probe, ruleout and look only look. (An expect may try whether writing works.) */
static inline bool lint_only_looks(const IssueBlock *block) {
    return block->role <= ISSUE_LOOK;
}

#endif
