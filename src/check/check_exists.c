/* SPDX-License-Identifier: PostgreSQL */
#include "base/text.h"
#include "check/check_table.h"

static const CheckFinding missing = {
    .id = "backup-missing",
    .severity = CHECK_FAILURE,
    .title = "There is no backup",
    .means = "Nothing was found where the backup should be. If the database died now, there would be nothing to "
             "restore from this place.",
    .action = "Look whether the backup job ran and where it wrote: its log, free space on the disk (df -h), and that "
              "the path in the configuration is right (lifeboat doctor). Then take a backup by hand at once: pg_dump "
              "-Fc -f FILE DATABASE, and verify it: lifeboat verify FILE."};

static const CheckFinding *const findings[] = {&missing, NULL};

static void run(CheckContext *context, CheckResult *result) {
    result->expected = "a backup";
    if (context->backup != NULL) {
        result->observed = text_safe(context->arena, context->backup->id);
        check_pass(result);
    } else if (context->open_error == NULL) {
        check_unknown(context, result, "nobody looked for a backup");
    } else if (context->open_error->kind == ERR_NOT_FOUND) {
        result->observed = "none";
        check_report(context, result, &missing, "", "There is no backup: %s",
                     err_text(context->arena, context->open_error));
    } else if (err_is(context->open_error, ERR_DATA)) {
        result->observed = "something is there";
        check_pass(result);
    } else {
        check_unknown_error(context, result, "", context->open_error);
    }
}

const Check check_exists = {.id = "exists",
                            .title = "There is a backup",
                            .subject = "Whether there is a backup",
                            .explain = "A backup is where it should be. In a folder the newest one counts, also one "
                                       "whose content is not recognised but whose name claims to be a backup: a job "
                                       "that writes empty files must not hide behind yesterday's good one.",
                            .level = 1,
                            .findings = findings,
                            .run = run};
