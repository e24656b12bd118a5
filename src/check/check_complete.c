/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_copy.h"
#include "check/check_table.h"
#include "check/defects.h"

static const CheckFinding truncated = {
    .id = "truncated",
    .severity = CHECK_FAILURE,
    .title = "The backup ends too early",
    .means = "It was cut: the disk filled up, the connection broke, or the job was killed. psql restores the part of a "
             "cut script without any complaint, even with ON_ERROR_STOP and in one transaction; pg_restore --list "
             "looks perfect.",
    .action = "Do not restore from it. Use the one before: lifeboat list, lifeboat verify FILE. See why it was cut: "
              "free space (df -h), the job's log and time limit. Take a new backup: pg_dump -Fc -f FILE DATABASE."};

static const CheckFinding copy_malformed = {
    .id = "copy-malformed",
    .severity = CHECK_FAILURE,
    .title = "Rows of a table are not well-formed",
    .means = "The rows of a table do not have the columns that its heading announces, or hold bytes that cannot be "
             "there. Loading that table will fail, and with it usually the whole restore.",
    .action = "Use an older backup or another copy of this one. If every backup shows it for the same table, the live "
              "table may be damaged: read it whole with psql -c 'COPY (SELECT * FROM TABLE) TO STDOUT' >/dev/null and "
              "look for errors."};

static const CheckFinding data_missing = {
    .id = "data-missing",
    .severity = CHECK_FAILURE,
    .title = "Data that the table of contents promises is not there",
    .means = "The backup lists rows or a file that it does not hold: a member was deleted or never written.",
    .action = "If it is a directory, look for the missing file in another copy and put it back. Otherwise use an older "
              "backup: lifeboat list, lifeboat verify FILE. Take a new one: pg_dump -Fc -f FILE DATABASE."};

static const CheckFinding data_unexpected = {
    .id = "data-unexpected",
    .severity = CHECK_FAILURE,
    .title = "The backup holds data that nothing announces",
    .means = "Bytes stand where none should be: after the end, in a second block for the same table, or in a file that "
             "the table of contents does not know. Two backups may have been written into one file, or the table of "
             "contents is not the one of this data.",
    .action = "Find out what wrote it: two jobs with the same output file, a download that resumed, a file put into "
              "the directory by hand (move it out). Use another backup until this one verifies: lifeboat verify FILE."};

static const CheckFinding changing = {
    .id = "backup-changing",
    .severity = CHECK_NOTICE,
    .title = "The backup changed while it was read",
    .means = "Its size or time changed during the verification: it is probably still being written. What was read says "
             "nothing about the finished backup.",
    .action = "Verify again when the backup job has ended: lifeboat verify FILE. Let the job write to a temporary name "
              "and rename at the end, so that nobody takes half a backup for a whole one."};

static const CheckFinding *const findings[] = {&truncated, &copy_malformed,        &data_missing, &data_unexpected,
                                               &changing,  &check_restore_hostile, NULL};

static void run(CheckContext *context, CheckResult *result) {
    result->expected = "complete";
    if (context->changing) {
        check_report(context, result, &changing, "",
                     "The backup changed while it was read: it is probably still being written");
        check_unknown(context, result, "the backup changed while it was read");
        return;
    }
    if (context->backup == NULL || !context->read_attempted) {
        check_blind(context, result);
        return;
    }
    size_t count = defects_report(context, result, BACKUP_DEFECT_TRUNCATED, &truncated);
    count += defects_report(context, result, BACKUP_DEFECT_COPY, &copy_malformed);
    count += defects_report(context, result, BACKUP_DEFECT_MISSING, &data_missing);
    count += defects_report(context, result, BACKUP_DEFECT_UNEXPECTED, &data_unexpected);
    count += defects_report(context, result, BACKUP_DEFECT_HOSTILE, &check_restore_hostile);
    result->observed = count == 0 ? "complete" : check_count_text(context->arena, count, "defect");
    if (count == 0 && !context->backup->read_whole) {
        result->observed = "";
        check_unknown(context, result, "the backup could not be read to its end");
    }
    check_pass(result);
}

const Check check_complete = {
    .id = "complete",
    .title = "It is complete and well-formed",
    .subject = "Completeness",
    .explain = "Nothing is cut off, every table's data that the table of contents announces is there exactly once, and "
               "every row has the columns its COPY heading names. A plain script must end with pg_dump's closing line.",
    .level = 2,
    .findings = findings,
    .run = run};
