/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "row-security-off",
    .severity = CHECK_FAILURE,
    .title = "A table has policies and its row-level security is off",
    .means = "The policies look as if they protected the table and do nothing: every role with SELECT sees "
             "every row.",
    .action = "Switch it on in the live database, after looking at who reads the table: ALTER TABLE TABLE "
              "ENABLE ROW LEVEL SECURITY.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {.probe = EXAMINE_POLICIES,
                                 .finding = &finding,
                                 .noun = "table with policies",
                                 .nouns = "tables with policies",
                                 .expected = "row-level security on"};
    examined_run(context, result, &probe);
}

const Check check_policies = {
    .id = "policies",
    .title = "Row-level security is on",
    .subject = "Row-level security of the restored copy",
    .explain = "Every table of the restored copy that has policies also has row-level security enabled.",
    .level = 4,
    .findings = findings,
    .run = run};
