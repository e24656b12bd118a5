/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_EXAMINE_PARTS_H
#define LIFEBOAT_SANDBOX_EXAMINE_PARTS_H

#include "sandbox/examine.h"
#include "sandbox/query.h"

/*
 * What the files examine*.c share; private to them. A probe sets result->why when it could not look; an Err says the
 * same.
 */
typedef struct Examiner {
    Arena *arena;
    const ExamineRequest *request;
    Query *query;
    const char *path; /* schemas of the copy, for statements of the application */
} Examiner;

/* ---- examine.c ---- */

/* Counts and keeps one fact; its strings are copied and made printable. */
void examine_fact(Examiner *examiner, ExamineResult *result, const ExamineFact *fact);
/* Keeps what was passed over, and why. */
void examine_gap(Examiner *examiner, ExamineResult *result, const char *what, const char *why);
/* From here on statements find what the application's find; ours name everything in full. Until the probe ends. */
Err *examine_as_application(Examiner *examiner);
/* "sha256:HEX" of the rows as COPY text: what `psql -c "COPY (...) TO STDOUT" | sha256sum` prints. */
const char *examine_digest(Arena *arena, const PGresult *rows);
/* One statement; the result is cleared with the arena. */
Err *examine_rows(Examiner *examiner, const char *sql, PGresult **out);

/* ---- examine_keys.c: what rows say of each other ---- */
Err *examine_keys_foreign(Examiner *examiner, ExamineResult *result);
Err *examine_keys_sequences(Examiner *examiner, ExamineResult *result);

/* ---- examine_code.c: what can be executed ---- */
Err *examine_code_views(Examiner *examiner, ExamineResult *result);
Err *examine_code_functions(Examiner *examiner, ExamineResult *result);
Err *examine_code_pages(Examiner *examiner, ExamineResult *result);

/* ---- examine_service.c: what the application would do ---- */
Err *examine_service_questions(Examiner *examiner, ExamineResult *result);
Err *examine_service_writes(Examiner *examiner, ExamineResult *result);
Err *examine_service_strangers(Examiner *examiner, ExamineResult *result);

#endif
