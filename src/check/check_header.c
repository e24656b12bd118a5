/* SPDX-License-Identifier: PostgreSQL */
#include "base/text.h"
#include "check/check_table.h"
#include "check/defects.h"

static const CheckFinding unreadable = {
    .id = "header-unreadable",
    .severity = CHECK_FAILURE,
    .title = "The file is no readable backup",
    .means = "What should be a backup does not begin like one (or is empty), or the table of contents at its front is "
             "damaged: nothing can be restored from it.",
    .action = "Use an older backup: lifeboat list shows what there is, lifeboat verify --all FOLDER which of them is "
              "good. Then find out why this one was written badly: free space when the job ran, its log, its exit "
              "status. Take a new one: pg_dump -Fc -f FILE DATABASE."};

static const CheckFinding inconsistent = {
    .id = "header-inconsistent",
    .severity = CHECK_FAILURE,
    .title = "Header or table of contents contradict themselves",
    .means = "The front of the backup can be read but does not make sense: entries point nowhere or twice to the same "
             "place. pg_restore may stop, or restore less than there was.",
    .action = "Do not rely on this backup. Verify the one before it (lifeboat verify FILE) and keep that. Compare the "
              "file with the original if it was copied: sha256sum on both."};

static const CheckFinding *const findings[] = {&unreadable, &inconsistent, NULL};

/* "custom 1.14, PostgreSQL 15.4": without the words that packagers add in brackets. */
static const char *describe(Arena *arena, const Backup *backup) {
    const char *version = backup->archive_version[0] == '\0' ? "" : arena_printf(arena, " %s", backup->archive_version);
    Text server = text_trim(text_cut(text_of(backup->server_version), '(', &(Text){0}));
    const char *from = server.length == 0 ? "" : arena_printf(arena, ", PostgreSQL %s", text_dup(arena, server));
    return text_safe(arena, arena_printf(arena, "%s%s%s", backup->format, version, from));
}

static void run(CheckContext *context, CheckResult *result) {
    result->expected = "readable header and table of contents";
    if (context->backup != NULL) {
        result->observed = describe(context->arena, context->backup);
        defects_report(context, result, BACKUP_DEFECT_HEADER, &inconsistent);
        check_pass(result);
    } else if (context->changing) {
        check_unknown(context, result, "the backup changed while it was read");
    } else if (context->open_error != NULL && err_is(context->open_error, ERR_DATA)) {
        result->observed = "unreadable";
        check_report(context, result, &unreadable, "", "%s", err_text(context->arena, context->open_error));
    } else {
        check_no_backup(context, result);
    }
}

const Check check_header = {
    .id = "header",
    .title = "Its header is readable",
    .subject = "The header",
    .explain = "The backup begins as a pg_dump archive or script does, in a version that lifeboat knows, and its table "
               "of contents is consistent. What it is gets told from its bytes, never from its name.",
    .level = 2,
    .findings = findings,
    .run = run};
