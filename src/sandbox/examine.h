/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_EXAMINE_H
#define LIFEBOAT_SANDBOX_EXAMINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "sandbox/restore.h"
#include "sandbox/tools.h"

/*
 * Examine: looks at a restored copy and writes down what is wrong with it. Facts only; the checks judge them.
 *
 * Each probe looks at one kind of thing in one restored database, read-only (the write probe in a transaction that is
 * rolled back). A probe that could not look says why; it never looks like one that found nothing. `looked_at` says how
 * many things it saw, so that "nothing wrong" among nothing can be told from "nothing wrong" among many; what it had to
 * pass over is in `gaps`, each with its reason.
 *
 * What is the application's (views, functions, questions, writes, what strangers see) runs with a search path of every
 * schema of the copy, public and extensions first: a dump of one database does not say which search path its users
 * have.
 */
typedef enum ExamineProbe {
    EXAMINE_INDEXES,      /* not valid or not ready */
    EXAMINE_CONSTRAINTS,  /* not validated */
    EXAMINE_FOREIGN_KEYS, /* rows without their parent, by anti-join: the catalogue cannot be trusted after a load with
                             triggers off */
    EXAMINE_SEQUENCES,    /* the next value is taken already */
    EXAMINE_TRIGGERS,     /* disabled */
    EXAMINE_POLICIES,     /* tables with policies whose row-level security is off */
    EXAMINE_VIEWS,        /* cannot be queried; materialised views without content */
    EXAMINE_FUNCTIONS,    /* bodies that do not compile */
    EXAMINE_PAGES,        /* pg_amcheck: tables and indexes disagree */
    EXAMINE_QUESTIONS,    /* the application's own questions, answered otherwise than expected */
    EXAMINE_WRITES,       /* tables that cannot be written */
    EXAMINE_STRANGERS,    /* tables and views whose rows a stranger can see */
    EXAMINE_PROBES,       /* how many there are */
} ExamineProbe;

typedef struct ExamineFact {
    const char *where; /* printable: "public.contacts", "constraint x of public.y" */
    const char *expected, *found;
    bool lesser; /* worth a warning at most: nobody promised otherwise (a constraint that is NOT VALID) */
} ExamineFact;

/* Something the probe passed over. */
typedef struct ExamineGap {
    const char *what, *why; /* printable: "writing to 2 tables (public.a, public.b)", "they have no rows" */
} ExamineGap;

typedef struct ExamineResult {
    bool ran;
    const char *why; /* why it did not run */
    uint64_t looked_at;
    double seconds;
    LIST(ExamineFact) facts; /* at most EXAMINE_FACTS */
    uint64_t found;          /* how many there were */
    LIST(ExamineGap) gaps;   /* at most EXAMINE_FACTS */
    const char *means;       /* by which it looked, when that is not always the same: "plpgsql_check 2.3"; or NULL */
} ExamineResult;

#define EXAMINE_FACTS 100

/* A question of the application: one statement, its first column of its first row against the expectation. */
typedef struct ExamineQuestion {
    const char *name;
    const char *sql;
    /* "rows", "none", "= 5", "> 0", ">= 10", "!= x", the value itself, or "sha256:HEX" of all rows as COPY text */
    const char *expect;
    const char *reason; /* why it must be so */
    const char *role;   /* asked as this role, or NULL */
    const char *claims; /* JSON for request.jwt.claims, or NULL */
} ExamineQuestion;

typedef struct ExamineRequest {
    const Tools *tools;
    const char *conninfo;           /* of the restored database, as a superuser */
    const char *const *tables;      /* that must be writable: "schema.name", NULL-terminated; NULL: none asked for */
    const char *const *open_tables; /* that strangers may read, NULL-terminated, or NULL */
    const ExamineQuestion *questions;
    size_t question_count;
    bool pages; /* run pg_amcheck as well: it takes about as long as the restore */
    int jobs;
    int64_t deadline;       /* microseconds for all of it; 0 for none */
    const Restore *restore; /* how the copy was made: what it left out excuses what cannot work now; or NULL */
} ExamineRequest;

typedef struct Examination {
    ExamineResult results[EXAMINE_PROBES];
} Examination;

/* An error when the copy could not be examined at all, or on interruption. */
Err *examine_copy(Arena *arena, const ExamineRequest *request, Examination **out);

/* True when the answer (NULL: no row) meets the expectation; pure. */
bool examine_expects(const char *expect, const char *answer, size_t rows);

#endif
