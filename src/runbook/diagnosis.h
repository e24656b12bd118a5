/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_DIAGNOSIS_H
#define LIFEBOAT_RUNBOOK_DIAGNOSIS_H

#include "runbook/probe.h"
#include "runbook/right.h"

/*
 * Diagnosis: what the probes of an issue say together: present, absent, or cannot tell with the reason. "Absent" is
 * said only when everything was asked that had to be asked (docs/runbook-format.md, sections 2 and 5).
 *
 * A report is of several issues, asked in parallel. Those that are present are ranked: by severity, then by how much
 * comes with them; one that another present issue declares as its consequence stands under that.
 */
typedef struct DiagnosisBlock {
    const IssueBlock *block;
    ProbeAnswer answer;
} DiagnosisBlock;

typedef struct Diagnosis {
    const Issue *issue;
    ProbeOutcome outcome; /* PROBE_PRESENT, PROBE_ABSENT or PROBE_UNKNOWN */
    const char *reason;   /* unknown: why; absent because of a ruleout: which; else NULL */
    LIST(DiagnosisBlock) blocks;
    int64_t elapsed;
    const struct Diagnosis *cause; /* present: of which it is a consequence, or NULL */
    size_t brings;                 /* present: how many issues stand under it, directly and further down */
} Diagnosis;

typedef struct DiagnosisRequest {
    const ProbeContext *context;
    const Issue *const *issues;
    size_t count;
    int jobs;
    bool looks; /* run the look blocks too */
} DiagnosisRequest;

typedef struct DiagnosisReport {
    LIST(Diagnosis) diagnoses;       /* in the order of the issues asked */
    LIST(const Diagnosis *) present; /* ranked, consequences behind their cause */
    size_t present_count, absent_count, unknown_count;
    int64_t elapsed;
} DiagnosisReport;

/* The only error is ERR_INTERRUPTED: whatever else goes wrong is an issue that cannot be told. */
Err *diagnosis_run(Arena *arena, const DiagnosisRequest *request, DiagnosisReport *out);

/* The table of section 2. PROBE_UNSET may be among the answers, never is the result. */
ProbeOutcome diagnosis_join(bool all, const ProbeOutcome *answers, size_t count);

/* Issues that cannot be told for the same reason. */
typedef struct DiagnosisReason {
    const char *text;
    LIST(const Diagnosis *) diagnoses;
} DiagnosisReason;
typedef LIST(DiagnosisReason) DiagnosisReasons;

/* The most frequent first. */
void diagnosis_reasons(Arena *arena, const DiagnosisReport *report, DiagnosisReasons *out);

/* What to look at first: the highest of the ranked, NULL when nothing is present. */
const Diagnosis *diagnosis_first(const DiagnosisReport *report);

#endif
