/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RUNBOOK_DIAGNOSE_H
#define LIFEBOAT_CMD_RUNBOOK_DIAGNOSE_H

#include "base/json.h"
#include "cmd/runbook_open.h"
#include "runbook/diagnosis.h"

/* `lifeboat runbook diagnose [ID ... | --all]`; the operands begin behind the word diagnose. */
Err *runbook_diagnose(CommandCall *call);

/* Its rows, beside those of runbook_open.h. */
extern const Option runbook_diagnose_all;     /* --all */
extern const Option runbook_diagnose_against; /* --against CONNINFO */
extern const Option runbook_diagnose_json;    /* --json */

/* Whom a diagnosis or a resolution speaks to. */
typedef struct RunbookSubject {
    RunbookOpen open;
    const char *conninfo;
    const char *name; /* the target's, else the database's: what is typed to confirm */
    ProbeContext context;
} RunbookSubject;

/* Connects (a failure is what the questions then answer). Can be called again, for a second look. */
Err *runbook_diagnose_subject(Arena *arena, const CommandCall *call, RunbookSubject *out);
Err *runbook_diagnose_connect(Arena *arena, RunbookSubject *subject);

Err *runbook_diagnose_issues(Arena *arena, const RunbookSubject *subject, const Issue *const *issues, size_t count,
                             DiagnosisReport *out);

/* 1: something is present; 2: nothing is, but something could not be told; 0: all were asked, none is present. */
int runbook_diagnose_status(const DiagnosisReport *report);

/* ---- runbook_diagnose_text.c ---- */

typedef struct RunbookView {
    const CommandCall *call;
    const RunbookSubject *subject;
    const DiagnosisReport *report;
    bool resolving; /* what to do next is being done */
} RunbookView;

/* All at a glance, for several issues. */
void runbook_diagnose_text(const RunbookView *view);
/* One issue with everything that was seen. */
void runbook_diagnose_text_one(const RunbookView *view, const Diagnosis *diagnosis);
/* One sentence about all of it. */
const char *runbook_diagnose_text_sentence(const RunbookView *view);

/* ---- runbook_diagnose_json.c ---- */

/* Schema lifeboat.diagnosis/1. */
json_t *runbook_diagnose_json_report(const RunbookView *view);

#endif
