/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_REPORT_H
#define LIFEBOAT_VERDICT_REPORT_H

#include "base/json.h"
#include "check/check.h"

/*
 * Report: the outcome of one verification; what is stored, told and shown. Its JSON is the public contract (schema
 * "lifeboat.report/1", docs/reference/report.schema.json): additive changes only.
 */
typedef enum Verdict { VERDICT_UNKNOWN, VERDICT_PASS, VERDICT_WARN, VERDICT_FAIL } Verdict;

typedef struct ReportNotTested {
    const char *what, *why;
} ReportNotTested;

typedef struct Report {
    Arena *arena;
    const char *run_id; /* UUIDv7 */
    const char *target; /* name in the configuration, or "" */
    const char *tool_version;
    Verdict verdict;
    const char *reason; /* one sentence: why this verdict */
    int proof_level;    /* 0..6 */
    bool attested;
    Time started_at, finished_at;
    bool clock_overridden;
    const char *path;           /* what was asked to be verified, also when no backup was found there */
    const Backup *backup;       /* NULL when there was none to open */
    const Inventory *inventory; /* of the backup; NULL likewise */
    const Inventory *live;      /* NULL when not asked for or unreachable */
    const struct Prove *prove;  /* NULL when a restore was not asked for (verdict/prove.h) */
    CheckResults checks;
    LIST(ReportNotTested) not_tested;
    const char *next_step; /* what to do now, one or two sentences */
} Report;

const char *report_verdict_name(Verdict verdict); /* "pass", "warn", "fail", "unknown" */
const char *report_proof_name(int level);         /* "none", "listed", ... "drilled" */
/* 0 pass or warn, 1 fail, 2 unknown. */
int report_exit_status(Verdict verdict);

json_t *report_json(Arena *arena, const Report *report);

/* Findings of all checks of at least that severity, in order. */
typedef LIST(Finding) Findings;
void report_findings(Arena *arena, const Report *report, CheckSeverity least, Findings *out);

#endif
