/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "view-broken",
    .severity = CHECK_WARNING,
    .title = "A view of the restored copy cannot be queried",
    .means = "The view was created but asking it fails, or a materialised view was never filled. Whoever reads "
             "through it gets an error.",
    .action = "Run SELECT * FROM VIEW LIMIT 1 in the live database. If it fails there too, mend the view; if "
              "not, something that it needs is not in the backup.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {
        .probe = EXAMINE_VIEWS, .finding = &finding, .noun = "view", .expected = "can be queried"};
    examined_run(context, result, &probe);
}

const Check check_views = {
    .id = "views",
    .title = "Views can be queried",
    .subject = "Views of the restored copy",
    .explain = "Each view and materialised view of the restored copy answers a query for one row of all its columns.",
    .level = 4,
    .findings = findings,
    .run = run};
