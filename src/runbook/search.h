/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_SEARCH_H
#define LIFEBOAT_RUNBOOK_SEARCH_H

#include "runbook/runbook.h"

/*
 * Search: issues by what is seen. An error message that stands among the symptoms beats the words of a title, and those
 * beat words anywhere else. Numbers, names in quotes and "..." of a message match any others, so that a line pasted
 * from a log finds its issue.
 */
typedef struct SearchHit {
    const Issue *issue;
    double score;
    const char *message; /* the error message that matched, NULL when only words did */
} SearchHit;

typedef LIST(SearchHit) SearchHits;

/* Best first; where equally good the more urgent one, then by id. */
void search_runbook(Arena *arena, const Runbook *runbook, const char *query, SearchHits *out);

/* True when the message, with its varying pieces, stands in the text. */
bool search_message_in(Arena *arena, const char *message, const char *text);

#endif
