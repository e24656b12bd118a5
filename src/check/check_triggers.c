/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "trigger-disabled",
    .severity = CHECK_WARNING,
    .title = "A trigger is disabled in the restored copy",
    .means = "What it does (audit rows, timestamps, checks) does not happen. pg_dump writes a trigger as "
             "disabled when it is disabled in the source.",
    .action = "Ask who disabled it in the live database and why; enable it there: ALTER TABLE TABLE ENABLE "
              "TRIGGER NAME.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {
        .probe = EXAMINE_TRIGGERS, .finding = &finding, .noun = "trigger", .expected = "enabled"};
    examined_run(context, result, &probe);
}

const Check check_triggers = {.id = "triggers",
                              .title = "Triggers are enabled",
                              .subject = "Triggers of the restored copy",
                              .explain = "No trigger of the restored copy is disabled.",
                              .level = 4,
                              .findings = findings,
                              .run = run};
