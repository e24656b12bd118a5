/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/verify_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/exit_status.h"
#include "cmd/report_text.h"

/* In memory a report is one byte for its verdict ('0' and the number), one for whether it is recorded, its text and a
 * NUL byte, which the text cannot hold. */
enum { HEADER = 2 };

Err *verify_output_open(Arena *arena, VerifyOutput *output) {
    output->descriptor = memfd_create("lifeboat-reports", MFD_CLOEXEC);
    return output->descriptor >= 0 ? NULL : err_errno(arena, errno, "cannot make a file in memory");
}

static const char *render_json(Arena *arena, const VerifyOutput *output, const Report *report,
                               VerifyRecorded recorded) {
    json_t *document = report_json(arena, report);
    if (recorded == VERIFY_NOT_ASKED)
        json_put_null(document, "recorded");
    else
        json_put_bool(document, "recorded", recorded == VERIFY_RECORDED);
    return json_render(arena, document, output->many);
}

static const char *render_text(Arena *arena, const VerifyOutput *output, const Report *report) {
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (!output->quiet)
        report_text(memory, output->terminal, report);
    else if (report->verdict != VERDICT_PASS)
        report_text_line(memory, output->terminal, report);
    fclose(memory);
    const char *kept = arena_strndup(arena, text, length);
    free(text);
    return kept;
}

Err *verify_output_add(Arena *arena, const VerifyOutput *output, const Report *report, VerifyRecorded recorded) {
    const char *text = output->json ? render_json(arena, output, report, recorded) : render_text(arena, output, report);
    FILE *file = fdopen(dup(output->descriptor), "w");
    if (file == NULL)
        return err_errno(arena, errno, "the report could not be kept in memory");
    fprintf(file, "%c%c%s%c", '0' + (int)report->verdict, (char)recorded, text, '\0');
    bool kept = !ferror(file);
    return fclose(file) == 0 && kept ? NULL : err_errno(arena, errno, "the report could not be kept in memory");
}

static Err *read_back(Arena *arena, const VerifyOutput *output, char **bytes, size_t *length) {
    off_t size = lseek(output->descriptor, 0, SEEK_END);
    if (size < 0)
        return err_errno(arena, errno, "the reports could not be read back");
    *bytes = arena_alloc(arena, (size_t)size + 1);
    *length = 0;
    while (*length < (size_t)size) {
        ssize_t got = pread(output->descriptor, *bytes + *length, (size_t)size - *length, (off_t)*length);
        if (got <= 0)
            return err_new(arena, ERR_IO, "the reports could not be read back");
        *length += (size_t)got;
    }
    return NULL;
}

Err *verify_output_mend(Arena *arena, const VerifyOutput *output) {
    char *bytes = NULL;
    size_t length = 0;
    TRY(read_back(arena, output, &bytes, &length));
    while (length > 0 && bytes[length - 1] != '\0')
        length--;
    bool mended =
        ftruncate(output->descriptor, (off_t)length) == 0 && lseek(output->descriptor, (off_t)length, SEEK_SET) >= 0;
    return mended ? NULL : err_errno(arena, errno, "the reports could not be read back");
}

typedef struct Tally {
    size_t count[4]; /* by Verdict */
    size_t total;
    size_t not_recorded;
} Tally;

static Tally count_reports(const char *bytes, size_t length) {
    Tally tally = {0};
    for (size_t at = 0; at < length; at += strlen(bytes + at) + 1) {
        tally.count[bytes[at] - '0']++;
        tally.not_recorded += bytes[at + 1] == VERIFY_NOT_RECORDED;
        tally.total++;
    }
    return tally;
}

/* A failure is worse than not knowing. */
static Verdict worst(const Tally *tally) {
    static const Verdict order[] = {VERDICT_FAIL, VERDICT_UNKNOWN, VERDICT_WARN, VERDICT_PASS};
    for (size_t at = 0; at < sizeof(order) / sizeof(order[0]); at++)
        if (tally->count[order[at]] > 0)
            return order[at];
    return VERDICT_UNKNOWN;
}

static void print_json(const VerifyOutput *output, FILE *out, Text reports, Verdict verdict) {
    if (output->many)
        fprintf(out, "{\"schema\": \"lifeboat.reports/1\", \"verdict\": \"%s\", \"reports\": [",
                report_verdict_name(verdict));
    for (size_t at = 0; at < reports.length; at += strlen(reports.at + at) + 1)
        fprintf(out, "%s%s", at > 0 ? ",\n" : output->many ? "\n" : "", reports.at + at + HEADER);
    fputs(output->many ? "\n]}\n" : "\n", out);
}

static void print_text(const VerifyOutput *output, FILE *out, Text reports, const Tally *tally) {
    for (size_t at = 0; at < reports.length; at += strlen(reports.at + at) + 1)
        fprintf(out, "%s%s", at > 0 && !output->quiet ? "\n" : "", reports.at + at + HEADER);
    if (tally->total > 1 && !output->quiet)
        fprintf(out, "\n%zu backups: %zu pass, %zu warn, %zu fail, %zu unknown\n", tally->total,
                tally->count[VERDICT_PASS], tally->count[VERDICT_WARN], tally->count[VERDICT_FAIL],
                tally->count[VERDICT_UNKNOWN]);
}

Err *verify_output_print(Arena *arena, const VerifyOutput *output, FILE *out, int *status) {
    char *bytes = NULL;
    size_t length = 0;
    TRY(read_back(arena, output, &bytes, &length));
    Tally tally = count_reports(bytes, length);
    Text reports = {.at = bytes, .length = length};
    if (output->json)
        print_json(output, out, reports, worst(&tally));
    else
        print_text(output, out, reports, &tally);
    *status = report_exit_status(worst(&tally));
    if (tally.not_recorded > 0 && *status == EXIT_STATUS_OK)
        *status = EXIT_STATUS_UNKNOWN;
    return NULL;
}
