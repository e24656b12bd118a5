/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "foreign-key-orphans",
    .severity = CHECK_FAILURE,
    .title = "Rows refer to rows that are not there",
    .means = "The backup holds children without their parents. The constraint itself looks valid, because data "
             "loaded with triggers off (as Supabase's data dumps are) is never checked against it. The "
             "application will meet rows that point nowhere.",
    .action = "Find them in the live database with the same anti-join: the finding names the constraint. If "
              "live has them too, mend them there; if not, this backup lost the parents: restore from the "
              "previous one.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {
        .probe = EXAMINE_FOREIGN_KEYS, .finding = &finding, .noun = "foreign key", .expected = "no orphans"};
    examined_run(context, result, &probe);
}

const Check check_keys = {
    .id = "foreign-keys",
    .title = "No row lacks its parent",
    .subject = "Foreign keys, row by row",
    .explain =
        "Each foreign key is checked again by looking for rows without a parent. The catalogue is not "
        "asked: it says valid after a load with triggers off, whatever the rows say. Of a key that is NOT VALID nobody "
        "promised anything: there it is a warning.",
    .level = 4,
    .findings = findings,
    .run = run};
