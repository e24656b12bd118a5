/* SPDX-License-Identifier: PostgreSQL */
#include "base/file.h"
#include "check/check_table.h"
#include "check/defects.h"

static const CheckFinding failed = {
    .id = "decode-failed",
    .severity = CHECK_FAILURE,
    .title = "Part of the backup does not decode",
    .means =
        "Bytes in the backup are not what was written: a stream does not decompress, a checksum does not match, or a "
        "length is impossible. pg_restore will stop at this place; what comes after it in the same table is lost.",
    .action = "Use an older backup, or another copy of this one (sha256sum tells whether they differ): lifeboat verify "
              "FILE on each. Check the medium: dmesg, smartctl -a DEVICE. Take a new backup at once: pg_dump -Fc -f "
              "FILE DATABASE."};

static const CheckFinding *const findings[] = {&failed, NULL};

/* What is not there cannot be decoded: that is no pass. */
static bool lacks_data(const Backup *backup) {
    bool lacks = false;
    LIST_EACH (const BackupDefect, defect, backup->defects)
        lacks |= defect->kind == BACKUP_DEFECT_TRUNCATED || defect->kind == BACKUP_DEFECT_MISSING;
    return lacks;
}

static void run(CheckContext *context, CheckResult *result) {
    result->expected = "every byte decodes";
    const Backup *backup = context->backup;
    if (backup == NULL || context->changing || !context->read_attempted) {
        check_blind(context, result);
        return;
    }
    size_t damaged = defects_report(context, result, BACKUP_DEFECT_DECODE, &failed);
    if (context->read_error != NULL)
        check_unknown_error(context, result, "reading stopped", context->read_error);
    else if (!backup->read_whole && damaged == 0)
        check_unknown(context, result, "reading stopped before the end of the backup");
    else if (damaged == 0 && lacks_data(backup))
        check_unknown(context, result, "part of the backup is not there");
    result->observed = damaged > 0          ? check_count_text(context->arena, damaged, "damaged place")
                       : backup->read_whole ? arena_printf(context->arena, "%s of table data",
                                                           file_size_text(context->arena, backup->raw_bytes))
                                            : "not all of it could be read";
    check_pass(result);
}

const Check check_decode = {
    .id = "decode",
    .title = "Every byte was read and decoded",
    .subject = "Decoding of every byte",
    .explain =
        "The whole backup is read once: every block is decompressed and every checksum that the compression carries is "
        "compared. A byte that flipped in an uncompressed dump cannot be seen this way; the report says so.",
    .level = 2,
    .findings = findings,
    .run = run};
