/* SPDX-License-Identifier: PostgreSQL */
#include "base/text.h"
#include "check/check_copy.h"
#include "check/check_table.h"
#include "check/examined.h"
#include "sandbox/restore.h"

static const CheckFinding failed = {
    .id = "restore-failed",
    .severity = CHECK_FAILURE,
    .title = "A statement of the backup failed when it was restored",
    .means =
        "The error is explained by nothing we know: no missing role, no missing extension, no newer setting. After a "
        "restore in earnest something would be missing.",
    .action =
        "Read the statement and the error of the finding. If it is a defect of the dump, restore from the previous "
        "backup and take a new one; if it is harmless, write down why: [explain NAME] with message, statement and "
        "reason in the configuration."};

const CheckFinding check_restore_hostile = {
    .id = "dump-hostile",
    .severity = CHECK_FAILURE,
    .title = "The backup reaches out of the database when it is restored",
    .means =
        "It contains a psql command line, a COPY to or from a program or server file, a language that can do anything, "
        "or a network connection. No dump needs these to come back; somebody who can write to your backups, or to "
        "names of objects in your database, can (CVE-2025-8714).",
    .action =
        "Do not feed this file to psql. Find out who wrote the line that the finding shows. If it is yours and meant: "
        "--trust-dump --accept dump-hostile.",
    .acceptable = true};

static const CheckFinding explained = {
    .id = "restore-explained",
    .severity = CHECK_NOTICE,
    .title = "Statements failed in the restore for a reason that is no defect",
    .means =
        "Roles, extensions or settings that exist at the source are missing on the machine of the rehearsal. The rows "
        "are there; what the failed statements would have made is not.",
    .action = "To have it proven too, install the extensions named under not tested, and dump the roles: pg_dumpall "
              "--globals-only."};

static const CheckFinding *const findings[] = {&failed, &check_restore_hostile, &explained, NULL};

static void report_error(CheckContext *context, CheckResult *result, const RestoreError *error) {
    const CheckFinding *declared = error->class == EXPLAIN_REAL ? &failed : &explained;
    Finding *finding = check_report(
        context, result, declared, error->object, "%s%s%s", error->message,
        error->count > 1 ? arena_printf(context->arena, " (%s)", check_count_text(context->arena, error->count, "time"))
                         : "",
        error->class == EXPLAIN_REAL ? "" : arena_printf(context->arena, ": %s", error->reason));
    finding->expected = "no error";
    finding->found = error->statement;
}

static void run(CheckContext *context, CheckResult *result) {
    Arena *arena = context->arena;
    result->expected = "no unexplained error";
    if (context->restore_asked && context->restore == NULL) {
        check_unknown_error(context, result, "", context->restore_error);
        return;
    }
    if (examined_blind(context, result))
        return;
    const Restore *restore = context->restore;
    uint64_t excused = 0;
    for (ExplainClass class = EXPLAIN_REAL + 1; class < EXPLAIN_CLASSES; class ++)
        excused += class == EXPLAIN_REFUSED ? 0 : restore->counts[class];
    /* The real ones first: only so many are shown. */
    LIST_EACH (const RestoreError, error, restore->errors)
        if (error->class == EXPLAIN_REAL)
            report_error(context, result, error);
    LIST_EACH (const RestoreError, error, restore->errors)
        if (error->class != EXPLAIN_REAL && error->class != EXPLAIN_REFUSED)
            report_error(context, result, error);
    LIST_EACH (const RestoreNote, note, restore->hostile)
        check_report(context, result, &check_restore_hostile, note->what, "The dump reaches out: %s (%s)", note->what,
                     note->why);
    result->observed = arena_printf(arena, "%s, %s explained, in %.1f s",
                                    check_count_text(arena, restore->counts[EXPLAIN_REAL], "unexplained error"),
                                    check_number_text(arena, excused), restore->seconds);
    if (restore->databases.count == 0)
        check_unknown(context, result, "nothing was restored");
    if (restore->counts[EXPLAIN_REAL] > 0 && result->status != CHECK_FAIL)
        check_report(context, result, &failed, "", "%s in the restore",
                     check_count_text(arena, restore->counts[EXPLAIN_REAL], "unexplained error"));
    check_pass(result);
}

const Check check_restore = {
    .id = "restore",
    .title = "It restores into an empty server",
    .subject = "Restoring it",
    .explain =
        "The backup is restored into a throw-away server made for it: Unix socket only, no network, nothing of it "
        "acts in the world. Every error is explained by a rule with a reason, or fails the check. Archives go "
        "through pg_restore, whose status and words must agree; scripts are executed without psql.",
    .level = 3,
    .findings = findings,
    .run = run};
