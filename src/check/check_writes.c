/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "not-writable",
    .severity = CHECK_FAILURE,
    .title = "The restored copy cannot be written",
    .means = "A database that can be read but not written is not back. A trigger, a constraint, a missing "
             "function or a setting (default_transaction_read_only) is in the way.",
    .action = "Run the statement of the finding in a transaction that you roll back, in a copy kept with "
              "--keep, and read the error.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {.probe = EXAMINE_WRITES, .finding = &finding, .noun = "table", .expected = "writable"};
    examined_run(context, result, &probe);
}

const Check check_writes = {
    .id = "writes",
    .title = "It can be written",
    .subject = "Writing to the restored copy",
    .explain =
        "A new table with a row, and one row of each critical table set to itself, in transactions that "
        "are rolled back: triggers, constraints and indexes all take part. Tables without a row are listed under not "
        "tested.",
    .level = 5,
    .findings = findings,
    .run = run};
