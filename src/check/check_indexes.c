/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "index-invalid",
    .severity = CHECK_FAILURE,
    .title = "An index of the restored copy is not valid",
    .means = "PostgreSQL does not use it, and a unique one does not hold its promise.",
    .action = "Look at the restore's errors: the index could not be built. Rebuild it after the cause is "
              "mended: REINDEX INDEX CONCURRENTLY NAME.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {.probe = EXAMINE_INDEXES, .finding = &finding, .noun = "index", .expected = "valid"};
    examined_run(context, result, &probe);
}

const Check check_indexes = {.id = "indexes",
                             .title = "Indexes are valid",
                             .subject = "Indexes of the restored copy",
                             .explain = "No index of the restored copy is marked invalid, not ready or dead.",
                             .level = 4,
                             .findings = findings,
                             .run = run};
