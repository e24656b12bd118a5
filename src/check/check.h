/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_CHECK_H
#define LIFEBOAT_CHECK_CHECK_H

#include "base/err.h"
#include "base/list.h"
#include "base/option.h"
#include "base/time.h"
#include "check/history.h"
#include "format/backup.h"
#include "inventory/inventory.h"

/*
 * Check: one question about a backup, one file, one row in the table of check.c. A check looks and reports; it does no
 * I/O that its context did not already do.
 *
 * Status. `pass`: it looked and held. `warn`, `fail`: it looked and reported findings of that severity. `unknown`: it
 * was asked for and could not look. `skipped`: nobody asked for it; it goes to not_tested with the reason. A check that
 * returns without setting a status is `unknown`: silence is never a pass.
 */
typedef enum CheckStatus { CHECK_UNKNOWN, CHECK_PASS, CHECK_WARN, CHECK_FAIL, CHECK_SKIPPED } CheckStatus;
typedef enum CheckSeverity { CHECK_NOTICE, CHECK_WARNING, CHECK_FAILURE } CheckSeverity;

/* A finding's declaration: stable id, default severity, and what to do at 3 a.m. */
typedef struct CheckFinding {
    const char *id; /* "row-count-drift" */
    CheckSeverity severity;
    const char *title;  /* one line: what is wrong */
    const char *means;  /* paragraph: why it matters */
    const char *action; /* paragraph: what to do now; commands that exist */
} CheckFinding;

/* A finding, found. Notices inform and change no verdict. All strings printable. */
typedef struct Finding {
    const char *id;
    CheckSeverity severity;
    const char *where;   /* table, object, file; "" for the whole backup */
    const char *message; /* one sentence, at a glance */
    const char *expected, *found;
} Finding;

typedef struct CheckContext {
    Arena *arena;
    const Settings *settings; /* rows of every check are declared in it */
    Time now;
    const Backup *backup;  /* NULL when none was found or it could not be opened */
    const Err *open_error; /* why backup is NULL */
    const Err *read_error; /* why the backup was not read to its end */
    bool read_attempted;
    const Inventory *live; /* NULL: not asked for, or live_error says why */
    bool live_asked;
    const Err *live_error;
    const History *history; /* never NULL; may be empty */
    int tools_major;        /* installed pg_restore/psql major, 0 when none found */
    /* Restored copy, when a restore was asked for (issue: prove that it restores). */
    const Inventory *restored;
} CheckContext;

typedef struct Check Check;
typedef struct CheckResult {
    const Check *check;
    CheckStatus status;
    const char *expected, *observed; /* short, for one line of the report */
    const char *why;                 /* unknown, skipped: the reason */
    double seconds;
    LIST(Finding) findings;
} CheckResult;

struct Check {
    const char *id;      /* "row-counts" */
    const char *title;   /* "Row counts match the live database" */
    const char *explain; /* paragraph for `explain` and the reference */
    int level;           /* rung of the proof ladder this check is required for: 1 listed ... 6 drilled */
    const CheckFinding *const *findings; /* NULL-terminated: every id it may report */
    const Option *const *options;        /* NULL-terminated, or NULL */
    /* Sets result->status. Returns nothing: what it could not do is its status. */
    void (*run)(CheckContext *context, CheckResult *result);
};

/* Every check, in the order in which it is run and shown; NULL-terminated. */
extern const Check *const check_table[];

const Check *check_find(const char *id);
const CheckFinding *check_find_finding(const char *id);

/* Declares the options of all checks. */
void check_declare_options(Settings *settings);

/* Runs all checks; the results, in table order. */
typedef LIST(CheckResult) CheckResults;
void check_run_all(CheckContext *context, CheckResults *out);

/* For use inside checks. check_report raises the status to what the severity demands (never lowers it). */
void check_pass(CheckResult *result);
Finding *check_report(CheckContext *context, CheckResult *result, const CheckFinding *declared, const char *where,
                      const char *message, ...) __attribute__((format(printf, 5, 6)));
void check_unknown(CheckContext *context, CheckResult *result, const char *why, ...)
    __attribute__((format(printf, 3, 4)));
void check_skip(CheckContext *context, CheckResult *result, const char *why, ...) __attribute__((format(printf, 3, 4)));

const char *check_status_name(CheckStatus status);       /* "pass", "warn", "fail", "unknown", "skipped" */
const char *check_severity_name(CheckSeverity severity); /* "notice", "warning", "failure" */

#endif
