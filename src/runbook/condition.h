/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_CONDITION_H
#define LIFEBOAT_RUNBOOK_CONDITION_H

#include <jansson.h>
#include <regex.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "base/text.h"
#include "base/time.h"
#include "runbook/parameter.h"

/*
 * Condition: what the blocks http and log ask of an answer or of a log (docs/runbook-format.md, 4.2 and 4.3).
 *
 * Three-valued: what cannot be evaluated is CONDITION_UNKNOWN, never false. In a line false wins over unknown and
 * unknown over true; over several lines true wins, then unknown.
 *
 * First it is read (condition_parse: for `check`, without values), then bound to values (condition_bind), then asked
 * as often as wanted.
 *
 *     Conditions line = {0};
 *     TRY(condition_parse(arena, text_of("status == 200 and json ok == false"), CONDITION_IN_HTTP, &line));
 *     TRY(condition_bind(arena, &line, values, now));
 */
typedef enum ConditionAnswer { CONDITION_FALSE, CONDITION_TRUE, CONDITION_UNKNOWN } ConditionAnswer;

typedef enum ConditionPlace {
    CONDITION_IN_HTTP,  /* present: of an http block */
    CONDITION_IN_LOG,   /* present: of a log block */
    CONDITION_IN_MATCH, /* match: and of: of a log block; one condition, no "and" */
} ConditionPlace;

typedef enum ConditionSubject {
    CONDITION_UNREACHABLE,
    CONDITION_STATUS,
    CONDITION_TIME,
    CONDITION_BODY,
    CONDITION_HEADER,
    CONDITION_JSON,
    CONDITION_METRIC,
    CONDITION_COUNT,
    CONDITION_RATIO,
    CONDITION_GROUP,
    CONDITION_GROUPS,
    CONDITION_AGE,
    CONDITION_TEXT,
} ConditionSubject;

typedef enum ConditionOp {
    CONDITION_NO_OP,
    CONDITION_EQ,
    CONDITION_NE,
    CONDITION_LT,
    CONDITION_LE,
    CONDITION_GT,
    CONDITION_GE,
    CONDITION_MATCH,
    CONDITION_NO_MATCH,
    CONDITION_EXISTS,
    CONDITION_MISSING,
} ConditionOp;

typedef enum ConditionType {
    CONDITION_NUMBER,
    CONDITION_STRING,
    CONDITION_TRUTH,   /* number is 0 or 1 */
    CONDITION_NOTHING, /* null */
    CONDITION_MOMENT,  /* number: seconds since 1970 once bound, before that the distance from now */
    CONDITION_PATTERN, /* text: the regular expression */
    CONDITION_NAMED,   /* a parameter, before it is bound */
} ConditionType;

typedef struct ConditionValue {
    ConditionType type;
    double number;
    const char *text;
    const char *parameter; /* CONDITION_NAMED, or the distance of a CONDITION_MOMENT; NULL when written out */
    bool before;           /* CONDITION_MOMENT: now - x */
    regex_t *regex;        /* of ~ and !~, once bound */
} ConditionValue;

/* One step of a path into JSON: a key, [3] or [*]. */
typedef struct ConditionStep {
    const char *key; /* NULL: an element */
    bool any;
    size_t index;
} ConditionStep;

typedef struct ConditionLabel {
    const char *name, *value;
} ConditionLabel;

typedef LIST(ConditionStep) ConditionPath;

typedef struct Condition {
    const char *written;
    ConditionSubject subject;
    ConditionOp op;
    const char *name; /* of the header, of the metric, of the path */
    ConditionPath path;
    LIST(ConditionLabel) labels;
    ConditionValue value;
} Condition;

typedef struct Conditions {
    const char *written;
    Condition *items;
    size_t count;
    size_t capacity;
} Conditions;

/* ERR_DATA with what is wrong. */
Err *condition_parse(Arena *arena, Text line, ConditionPlace place, Conditions *out);

/* "2s", "10MB", "85%", "3": what a number with a unit is in seconds, bytes or as a fraction. */
bool condition_number(Text text, double *out);

/* A duration of a block: "5s" or {{name}}, in seconds; *parameter is the name when it is one. */
Err *condition_length_parse(Arena *arena, Text text, ConditionValue *out);

/* Values for the parameters, and regular expressions made ready. Every parameter must be set. */
Err *condition_bind(Arena *arena, Conditions *conditions, const ParameterValues *values, Time now);
Err *condition_bind_value(Arena *arena, ConditionValue *value, const ParameterValues *values, Time now);

/* Compiled (POSIX extended), released with the arena. ERR_DATA for one that does not compile, and for what other
 * dialects have and this one would read as letters (\d, (?:...), lazy quantifiers). */
Err *condition_regex(Arena *arena, const char *pattern, regex_t **out);
/* A NUL must stand somewhere behind the text, as it does in a Buf. */
bool condition_regex_in(const regex_t *regex, Text text);

ConditionAnswer condition_and(ConditionAnswer a, ConditionAnswer b);
ConditionAnswer condition_or(ConditionAnswer a, ConditionAnswer b);
ConditionAnswer condition_not(ConditionAnswer a);

const char *condition_op_text(ConditionOp op);

/* ---- condition_compare.c ---- */

ConditionAnswer condition_compare_number(double left, ConditionOp op, const ConditionValue *right);
ConditionAnswer condition_compare_text(Text left, ConditionOp op, const ConditionValue *right);
ConditionAnswer condition_compare_json(const json_t *left, ConditionOp op, const ConditionValue *right);

/* ---- condition_json.c ---- */

/* A reply or a line as JSON: bytes that are no UTF-8 are replaced, of a repeated key the last counts, numbers are
 * floating. NULL when it is not JSON. */
json_t *condition_json_read(Arena *arena, Text text);
Err *condition_json_path(Arena *arena, Text written, ConditionPath *out);
typedef LIST(const json_t *) ConditionFound;
void condition_json_find(Arena *arena, const json_t *document, const ConditionPath *path, ConditionFound *out);
/* `document` NULL: not JSON, unknown. What was seen is appended to `seen` (may be NULL). */
ConditionAnswer condition_json(Arena *arena, const Condition *condition, const json_t *document, Buf *seen);
/* A string as it is, anything else as JSON: "503", "true", "{...}". */
const char *condition_json_text(Arena *arena, const json_t *value);

/* ---- condition_http.c ---- */

typedef struct ConditionReply {
    bool answered;
    int status;
    double seconds;
    Text body;
    Text headers; /* "Name: value" lines */
    const json_t *document;
} ConditionReply;

ConditionAnswer condition_http(Arena *arena, const Condition *condition, const ConditionReply *reply, Buf *seen);
ConditionAnswer condition_http_line(Arena *arena, const Conditions *line, const ConditionReply *reply, Buf *seen);

#endif
