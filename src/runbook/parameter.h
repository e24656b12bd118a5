/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_PARAMETER_H
#define LIFEBOAT_RUNBOOK_PARAMETER_H

#include "base/config.h"
#include "base/err.h"
#include "base/list.h"
#include "base/time.h"
#include "runbook/issue.h"

/*
 * Parameters: what {{name}} stands for in the runbook and the plan. parameters.conf declares them with type, default
 * and meaning; the configuration's [runbook] and [runbook NAME] give values, the latter wins for the target NAME.
 *
 * A value never becomes part of a program: in SQL it is bound by the protocol, in sh it is an environment variable
 * (docs/runbook-format.md, section 3). Whoever executes a block walks it with parameter_next and binds parameter_value.
 * What is shown to people comes from parameter_shown, which makes literals of values and never shows a secret.
 *
 * Built in: now and target (text), and NAME_file (path) for a secret NAME.
 */
typedef enum ParameterType {
    PARAMETER_TEXT,
    PARAMETER_PATH,
    PARAMETER_URL,
    PARAMETER_INTEGER,
    PARAMETER_SIZE,
    PARAMETER_DURATION,
    PARAMETER_PERCENT,
    PARAMETER_LIST,
    PARAMETER_REGEX,
    PARAMETER_COMMAND,
    PARAMETER_CONNINFO,
    PARAMETER_SECRET,
} ParameterType;

typedef struct Parameter {
    const char *name;
    ParameterType type;
    const char *fallback; /* as written; NULL: must be configured. "" is a value */
    const char *meaning;
    const char *file;
    int line;
} Parameter;

typedef LIST(Parameter) Parameters;

/* Adds what a parameters.conf declares; a name that is there already is replaced (a site's own default). Problems are
 * ERR_CONFIG with path:line, or, when `problems` is not NULL, collected there. */
Err *parameter_read(Arena *arena, Text bytes, const char *path, Parameters *parameters, IssueProblems *problems);

/* The declaration, NULL when there is none (built-in names have none). */
const Parameter *parameter_find(const Parameters *parameters, const char *name);

/* The type of any name that a block may use, built-in ones too; false when it is not declared. */
bool parameter_type(const Parameters *parameters, const char *name, ParameterType *out);

const char *parameter_type_name(ParameterType type);

typedef struct ParameterValues ParameterValues;

/* Values for a target (its name, "" without one). `config` NULL: nothing is configured. ERR_CONFIG, with path:line, for
 * a setting that is no parameter (with a suggestion), for a value not of its type, and for a secret written into the
 * configuration itself. Secrets are not read here. `now` is the start of the diagnosis. */
Err *parameter_values(Arena *arena, const Parameters *parameters, const Config *config, const char *target,
                      ParameterValues **out);
void parameter_set_now(ParameterValues *values, Time now);
const Parameters *parameter_declared(const ParameterValues *values);

/* The canonical text: "300 seconds", bytes "10485760", a fraction "0.1", a list "a,b", else as it stands. NULL when the
 * parameter is unset (never an error). A secret's is what its file holds, without the line end: ERR_CONFIG or the
 * file's error when it cannot be read or others may read it. ERR_NOT_FOUND for a name that is not declared. */
Err *parameter_value(Arena *arena, const ParameterValues *values, const char *name, const char **out);

/* The same as a number: seconds, bytes, a fraction, an integer. false when unset or not of such a type. */
bool parameter_number(const ParameterValues *values, const char *name, double *out);

/* "app_url is not set: [runbook] app_url": why a probe that uses it cannot tell. */
const char *parameter_unset_text(Arena *arena, const ParameterValues *values, const char *name);

/* The value as it was written ("5m", where parameter_value says "300 seconds"), for texts; NULL when unset. Of a secret
 * the path of its file. */
const char *parameter_written(const ParameterValues *values, const char *name);

/* Where the value comes from: "lifeboat.conf:12", "default", "not set". */
const char *parameter_origin(const ParameterValues *values, const char *name);

/* Cuts `rest` at its next {{name}}: *before is what stands before it and *name the name; *rest what is behind. False
 * when there is none left: *before is then all of it. "{{" that begins no placeholder is text. */
bool parameter_next(Text *rest, Text *before, Text *name);

/* A block as people see it: values in SQL as quoted literals, in sh as single-quoted words, secrets as the path of
 * their file ("***" in a header), unset ones as <name>. Can be pasted into psql or a shell. */
const char *parameter_shown(Arena *arena, const ParameterValues *values, IssueKind kind, const char *body);

/* Running text: values escaped for Markdown. */
const char *parameter_shown_text(Arena *arena, const ParameterValues *values, const char *markdown);

/* 'it''s' as SQL writes a literal (E'...' where a backslash stands in it), 'it'\''s' as a shell does. */
const char *parameter_shown_sql(Arena *arena, const char *value);
const char *parameter_shown_sh(Arena *arena, const char *value);

#endif
