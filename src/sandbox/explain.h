/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_EXPLAIN_H
#define LIFEBOAT_SANDBOX_EXPLAIN_H

#include <stdbool.h>

#include "base/err.h"
#include "base/list.h"

/*
 * Explain: why a statement of a dump failed in the sandbox. Every error is explained by a rule with a written reason,
 * or it is real and fails the restore. Rules are a table; users add their own ([explain NAME] in the configuration).
 *
 * A rule about a missing extension applies only while that extension is in the dump and absent from the sandbox: with
 * the extension installed the same words are a real error.
 */
typedef enum ExplainClass {
    EXPLAIN_REAL,              /* nothing explains it */
    EXPLAIN_MISSING_ROLE,      /* a role that the dump names but does not create */
    EXPLAIN_MISSING_EXTENSION, /* needs an extension that is not installed here */
    EXPLAIN_EXTENSION_OBJECT,  /* an object, grant or comment that such an extension owns */
    EXPLAIN_PLATFORM_OBJECT,   /* belongs to the hosting platform: event triggers, publications, default privileges */
    EXPLAIN_NEWER_SETTING,     /* a parameter that this server version does not know */
    EXPLAIN_REFUSED,           /* an attempt to run a program, read a file or reach a network: a hostile dump */
    EXPLAIN_ENVIRONMENT, /* the sandbox itself failed: disk full, out of memory, server gone. Nothing is proven. */
    EXPLAIN_USER,        /* a rule of the user's */
    EXPLAIN_CLASSES,     /* how many there are */
} ExplainClass;

typedef struct ExplainRule {
    const char *name;
    ExplainClass class;
    const char *extension; /* applies only while this extension is in the dump and absent here; NULL always */
    const char *message;   /* POSIX extended regular expression on the server's message; NULL matches any */
    const char *statement; /* the same on the statement's text; NULL matches any */
    const char *reason;    /* why this is no defect of the backup */
} ExplainRule;

/* The built-in rules; ended by a row without a name. */
extern const ExplainRule explain_rules[];

typedef struct Explain Explain;

/* `absent` are the extensions that the dump has and the sandbox lacks (NULL-terminated). Compiles the built-in rules
 * and `extra` (count rows); a malformed expression or a missing reason in `extra` is ERR_CONFIG. */
Err *explain_new(Arena *arena, const char *const *absent, const ExplainRule *extra, size_t count, Explain **out);

/* The first rule that matches, or NULL: the error is real. */
const ExplainRule *explain_error(const Explain *explain, const char *message, const char *statement);

/* "missing role", ...: for people and JSON (with dashes: explain_class_id). */
const char *explain_class_name(ExplainClass class);
const char *explain_class_id(ExplainClass class);

#endif
