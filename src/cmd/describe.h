/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_DESCRIBE_H
#define LIFEBOAT_CMD_DESCRIBE_H

#include "base/json.h"

/*
 * Describe: every declared row of every floor in one document, and that document as Markdown and as a manual page. The
 * JSON form is public (schema "lifeboat.describe/1", additive changes only): help, completion, dashboards and the tests
 * that hold the reference to the program read it.
 */
json_t *describe_document(Arena *arena);

/* A page of the reference: docs/reference/NAME.md. */
typedef struct DescribePart {
    const char *name;
    const char *title;
    void (*render)(Buf *out, const json_t *document);
} DescribePart;

extern const DescribePart describe_markdown_parts[]; /* ends with a NULL name */

/* One page; ERR_USAGE with a suggestion for a name that is none. */
Err *describe_markdown(Arena *arena, const json_t *document, const char *part, Buf *out);

/* lifeboat(1) in roff, for man(7). */
void describe_man(Buf *out, const json_t *document);

#endif
