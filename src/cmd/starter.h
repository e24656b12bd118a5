/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_STARTER_H
#define LIFEBOAT_CMD_STARTER_H

#include "base/buf.h"
#include "cmd/critical.h"

/*
 * Starter: the configuration that `init` writes: every section and setting there is, with its explanation, from the
 * declared rows. What is known is set; the rest stands as a comment with its default, ready to be uncommented.
 */
typedef struct StarterValue {
    const char *kind, *key;
    const char *value;
    const char *why; /* comment lines above it, separated by newlines; NULL for none */
    bool placed;     /* set by starter_render, which asserts that each value found its setting */
} StarterValue;

typedef struct Starter {
    const char *target;  /* name of the [target] section */
    const char *channel; /* name of the [notify] section; NULL: the section is a comment */
    LIST(StarterValue) values;
} Starter;

void starter_render(Arena *arena, Starter *starter, Buf *out);

/* The value as it must stand in the file: "$" doubled. NULL when it cannot stand there (a line break, a control
 * character). */
const char *starter_value(Arena *arena, const char *value);

#endif
