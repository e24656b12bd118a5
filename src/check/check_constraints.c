/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "constraint-not-validated",
    .severity = CHECK_WARNING,
    .title = "A constraint of the restored copy was never validated",
    .means = "Existing rows may break it. It came from the source like this (NOT VALID), because a restore "
             "validates what the source had validated.",
    .action = "Validate it in the live database: ALTER TABLE TABLE VALIDATE CONSTRAINT NAME. It says which rows "
              "are in the way.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {
        .probe = EXAMINE_CONSTRAINTS, .finding = &finding, .noun = "constraint", .expected = "validated"};
    examined_run(context, result, &probe);
}

const Check check_constraints = {.id = "constraints",
                                 .title = "Constraints are validated",
                                 .subject = "Constraints of the restored copy",
                                 .explain = "No constraint of the restored copy is NOT VALID.",
                                 .level = 4,
                                 .findings = findings,
                                 .run = run};
