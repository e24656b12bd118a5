/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_CHECK_H
#define LIFEBOAT_CHECK_CHECK_H

#include "base/err.h"
#include "base/list.h"
#include "base/option.h"
#include "base/time.h"
#include "check/history.h"
#include "format/attest.h"
#include "format/backup.h"
#include "inventory/inventory.h"
#include "sandbox/examine.h"
#include "sandbox/restore.h"

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
    bool acceptable;    /* a person may declare it known and intended (--accept); never true for damaged bytes */
} CheckFinding;

/* A finding, found. Notices inform and change no verdict. All strings printable. */
typedef struct Finding {
    const char *id;
    CheckSeverity severity;
    const char *where;   /* table, object, file; "" for the whole backup */
    const char *message; /* one sentence, at a glance */
    const char *expected, *found;
} Finding;

typedef LIST(const Inventory *) CheckCopies;

typedef struct CheckContext {
    Arena *arena;
    const Settings *settings; /* rows of every check are declared in it */
    Time now;
    const Backup *backup;  /* NULL when none was found or it could not be opened */
    const Err *open_error; /* why backup is NULL */
    const Err *read_error; /* why the backup was not read to its end */
    bool read_attempted;
    bool changing;         /* size or time of the backup changed while it was read: it is still being written */
    const Inventory *live; /* NULL: not asked for, or live_error says why */
    bool live_asked;
    const Err *live_error;
    const History *history;    /* never NULL; may be empty */
    int tools_major;           /* installed pg_restore/psql major, 0 when none found */
    InventoryNames extensions; /* that can be created with the installed server; empty when there is no server here */
    /* The proof by restore (verdict/prove.h), when one was asked for. */
    bool restore_asked;
    int proof_asked; /* the rung that the proof was asked to reach, 3 to 5; checks above it are skipped. 0: all are run
                      */
    const char *proof_asked_name; /* "restored" */
    const Restore *restore;       /* NULL: restore_error says why */
    const Err *restore_error;
    const CheckCopies
        *restored; /* inventories of the restored databases, each labelled with the dumped name; or NULL */
    const Examination *examination; /* NULL: examine_error says why */
    const Err *examine_error;
    const Inventory *globals; /* roles that stand beside the backup (source/companion.h), or NULL */
    /* The attestation beside the backup (verdict/attested.h). */
    const Attest *attestation; /* NULL: there is none, or attestation_error says why it could not be read */
    const Err *attestation_error;
    BackupDefects attestation_files; /* what differs from it in the backup's files */
    const char *verify_key;          /* NULL: signatures are not looked at */
    bool signature_valid;
    bool attested; /* set by check_attestation: an attestation was there and the backup equals it */
    void *scope;   /* private to scope.c */
} CheckContext;

typedef struct Check Check;
typedef struct CheckResult {
    const Check *check;
    CheckStatus status;
    const char *expected, *observed; /* short, for one line of the report */
    const char *why;                 /* unknown, skipped: the reason */
    const char *remedy;              /* unknown: what would remove the obstacle, or NULL */
    double seconds;
    LIST(Finding) findings;
} CheckResult;

struct Check {
    const char *id;      /* "row-counts" */
    const char *title;   /* "Row counts match the live database" */
    const char *subject; /* "Row counts against the live database": what is not tested when it is skipped */
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

/* --accept, read by check_report. */
extern const Option check_accept;

/* Declares the options of all checks. */
void check_declare_options(Settings *settings);

/* ERR_CONFIG when --accept names a finding that does not exist or cannot be accepted. */
Err *check_validate(Arena *arena, const Settings *settings);

/* Runs one check, or all; the results, in table order. Of one finding id at most CHECK_FINDINGS_SHOWN are kept for each
 * check; one more then says how many there were. */
#define CHECK_FINDINGS_SHOWN 50
typedef LIST(CheckResult) CheckResults;
void check_run(CheckContext *context, const Check *check, CheckResult *out);
void check_run_all(CheckContext *context, CheckResults *out);

/*
 * For use inside checks. Each can only make things worse, in the order pass, warn, unknown, fail: check_report raises
 * the status to what the severity demands, check_unknown to unknown, check_pass sets pass when nothing was said before.
 * A finding that
 * --accept names is kept as a notice. The Finding is valid until the next report: set expected and found at once.
 */
void check_pass(CheckResult *result);
Finding *check_report(CheckContext *context, CheckResult *result, const CheckFinding *declared, const char *where,
                      const char *message, ...) __attribute__((format(printf, 5, 6)));
void check_unknown(CheckContext *context, CheckResult *result, const char *why, ...)
    __attribute__((format(printf, 3, 4)));
/* Unknown because of an error of ours: "lead: its words", and its hint as the remedy. lead may be "". A NULL error is
 * one of which no reason is known. */
void check_unknown_error(CheckContext *context, CheckResult *result, const char *lead, const Err *err);
void check_skip(CheckContext *context, CheckResult *result, const char *why, ...) __attribute__((format(printf, 3, 4)));

/* The declared finding with another severity, for one report. */
CheckFinding check_graded(const CheckFinding *declared, CheckSeverity severity);

/* True, and the status is set to unknown, when there is no backup: the reason says why it could not be opened. */
bool check_no_backup(CheckContext *context, CheckResult *result);

/* True when what stands in the backup may not be all there was: reading stopped, or a script ends too early (an archive
 * lists its tables at the front, and keeps the list when its data is cut). */
bool check_cut_short(const CheckContext *context);

/* True, and the status is set, when there is nothing this check could look at: no backup, or one that could not be read
 * to its end or changed while it was read. The first line of most checks. */
bool check_blind(CheckContext *context, CheckResult *result);

/* For people: "1,204", "1 table" and "1,204 tables", "12.3 %". */
const char *check_number_text(Arena *arena, uint64_t number);
const char *check_count_text(Arena *arena, uint64_t number, const char *noun);
const char *check_percent_text(Arena *arena, double fraction);

const char *check_status_name(CheckStatus status);       /* "pass", "warn", "fail", "unknown", "skipped" */
const char *check_severity_name(CheckSeverity severity); /* "notice", "warning", "failure" */

#endif
