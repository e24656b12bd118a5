/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_ISSUE_PARTS_H
#define LIFEBOAT_RUNBOOK_ISSUE_PARTS_H

#include <cmark.h>

#include "runbook/issue.h"

/*
 * How the files issue*.c share the reading of one file.
 */
typedef struct IssueReader {
    Arena *arena;
    Issue *issue;
    IssueForm form;
    Text markdown;    /* behind the front matter */
    LIST(Text) lines; /* of it, without their ends */
    int offset;       /* line n of it is line n + offset of the file */
    IssuePart part;   /* where the walk is */
    bool has_title;   /* the heading was seen */
} IssueReader;

/* Reads the front matter and says what is behind it. */
void issue_front(IssueReader *reader, Text bytes, Text *markdown);

/* Reads the parts, blocks and links. */
void issue_body(IssueReader *reader);

/* A fenced block whose info string has two words or more. */
void issue_block(IssueReader *reader, cmark_node *node);

/* The text of a paragraph or heading, on one line, without its markup; code with backticks when `ticks`. */
char *issue_body_text(Arena *arena, cmark_node *node, bool ticks);

/* Line of the file on which the node begins. */
int issue_body_line(const IssueReader *reader, cmark_node *node);

#endif
