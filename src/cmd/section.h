/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_SECTION_H
#define LIFEBOAT_CMD_SECTION_H

#include "base/config.h"

/*
 * Section kinds: what a configuration file may hold, one row each. base/config.h knows no kind; here the rows of all
 * floors come together, for the reference, for `init`, and to refuse a section that nobody reads.
 */
typedef struct SectionKind {
    const char *kind;    /* "target" */
    bool named;          /* [target NAME] rather than [store] */
    bool both;           /* [runbook] and [runbook NAME] */
    const char *summary; /* one line */
    const char *detail;  /* paragraphs */
    void (*declare)(Settings *settings);
} SectionKind;

extern const SectionKind section_table[]; /* ends with a NULL kind */

/* How the file is written, in paragraphs: for the reference, and at the top of a file that `init` writes. */
extern const char section_syntax[];

const SectionKind *section_find(const char *kind);

/* ERR_CONFIG for a section of an unknown kind (with a suggestion), or with a name too many or missing. */
Err *section_validate(Arena *arena, const Config *config);

#endif
