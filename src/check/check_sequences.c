/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "sequence-behind",
    .severity = CHECK_FAILURE,
    .title = "A sequence would hand out values that are taken",
    .means = "The next value of the sequence is not beyond what its column holds. After a restore inserts fail "
             "with a duplicate key until the sequence has caught up.",
    .action = "After restoring set it: SELECT setval(pg_get_serial_sequence('TABLE', 'COLUMN'), (SELECT "
              "max(COLUMN) FROM TABLE)). Then look how the dump was made: a data-only or table-wise dump leaves "
              "sequences out.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {
        .probe = EXAMINE_SEQUENCES, .finding = &finding, .noun = "sequence", .expected = "ahead of their columns"};
    examined_run(context, result, &probe);
}

const Check check_sequences = {
    .id = "sequences",
    .title = "Sequences are ahead",
    .subject = "Sequences against their columns",
    .explain = "The next value of every sequence that feeds a column is beyond the furthest value in that "
               "column.",
    .level = 4,
    .findings = findings,
    .run = run};
