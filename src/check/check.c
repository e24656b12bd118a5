/* SPDX-License-Identifier: PostgreSQL */
#include "check/check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "check/check_table.h"
#include "check/scope.h"

const Check *const check_table[] = {&check_exists,    &check_age,           &check_size,        &check_header,
                                    &check_decode,    &check_complete,      &check_attestation, &check_partial,
                                    &check_critical,  &check_rows,          &check_loss,        &check_structure,
                                    &check_content,   &check_restorability, &check_gap,         &check_restore,
                                    &check_copied,    &check_source,        &check_definitions, &check_keys,
                                    &check_sequences, &check_indexes,       &check_constraints, &check_triggers,
                                    &check_policies,  &check_views,         &check_functions,   &check_pages,
                                    &check_questions, &check_writes,        &check_strangers,   NULL};

const Option check_accept = {
    .name = "accept",
    .type = OPTION_LIST,
    .argument = "FINDING[:WHERE]",
    .summary = "findings that are known and intended: report them as notices",
    .detail = "A finding id, or an id and the place it may be found at (a shell pattern): `accept = "
              "large-objects-missing, row-count-drift:public.sessions`. An accepted finding stays in the report as a "
              "notice and no longer decides the verdict. On the command line it holds for one run, which is the way to "
              "say that a loss of rows was looked at and is intended: the run is recorded as verified and becomes the "
              "base of later comparisons. Findings about damaged bytes cannot be accepted."};

static const Option *const own_options[] = {&check_accept, &scope_critical, &scope_ignore, &scope_tolerances};

const Check *check_find(const char *id) {
    for (const Check *const *check = check_table; *check != NULL; check++)
        if (strcmp((*check)->id, id) == 0)
            return *check;
    return NULL;
}

static const CheckFinding *find_in(const Check *check, Text id) {
    for (const CheckFinding *const *finding = check->findings; *finding != NULL; finding++)
        if (text_is(id, (*finding)->id))
            return *finding;
    return NULL;
}

static const CheckFinding *find_anywhere(Text id) {
    const CheckFinding *found = NULL;
    for (const Check *const *check = check_table; *check != NULL && found == NULL; check++)
        found = find_in(*check, id);
    return found;
}

const CheckFinding *check_find_finding(const char *id) {
    return find_anywhere(text_of(id));
}

void check_declare_options(Settings *settings) {
    settings_declare(settings, own_options, sizeof(own_options) / sizeof(own_options[0]));
    for (const Check *const *check = check_table; *check != NULL; check++) {
        size_t count = 0;
        while ((*check)->options != NULL && (*check)->options[count] != NULL)
            count++;
        if (count > 0)
            settings_declare(settings, (*check)->options, count);
    }
}

static const char *suggest_finding(Arena *arena, const char *word) {
    LIST(const char *) names = {0};
    for (const Check *const *check = check_table; *check != NULL; check++)
        for (const CheckFinding *const *finding = (*check)->findings; *finding != NULL; finding++)
            if ((*finding)->acceptable)
                *LIST_PUSH(arena, names) = (*finding)->id;
    return text_suggest(word, names.items, names.count);
}

Err *check_validate(Arena *arena, const Settings *settings) {
    size_t count = 0;
    const char *const *accepted = settings_list(settings, &check_accept, &count);
    for (size_t at = 0; at < count; at++) {
        Text id = text_cut(text_of(accepted[at]), ':', &(Text){0});
        const CheckFinding *finding = find_anywhere(id);
        if (finding != NULL && finding->acceptable)
            continue;
        const char *origin = settings_origin(settings, &check_accept);
        if (finding != NULL)
            return err_hint(
                arena, err_new(arena, ERR_CONFIG, "%s: the finding %s cannot be accepted", origin, finding->id),
                "A backup with it cannot be relied on whatever the intention: lifeboat explain %s", finding->id);
        const char *near = suggest_finding(arena, text_dup(arena, id));
        return err_hint(
            arena, err_new(arena, ERR_CONFIG, "%s: there is no finding named %s", origin, text_quote(arena, id, 60)),
            near != NULL ? "Did you mean %s?" : "lifeboat describe lists all findings%s", near != NULL ? near : "");
    }
    return scope_validate(arena, settings);
}

/* ---- running ---- */

static void condense_one(CheckContext *context, CheckResult *result, const CheckFinding *declared) {
    size_t seen = 0, kept = 0;
    CheckSeverity worst = CHECK_NOTICE;
    for (size_t at = 0; at < result->findings.count; at++) {
        const Finding *finding = &result->findings.items[at];
        bool same = strcmp(finding->id, declared->id) == 0;
        seen += same;
        if (same && finding->severity > worst)
            worst = finding->severity;
        if (!same || seen <= CHECK_FINDINGS_SHOWN)
            result->findings.items[kept++] = *finding;
    }
    result->findings.count = kept;
    if (seen <= CHECK_FINDINGS_SHOWN)
        return;
    const char *more = check_number_text(context->arena, seen - CHECK_FINDINGS_SHOWN);
    *LIST_PUSH(context->arena, result->findings) =
        (Finding){.id = declared->id,
                  .severity = worst,
                  .where = "",
                  .message = arena_printf(context->arena, "%s (and %s more like this)", declared->title, more),
                  .expected = "",
                  .found = arena_printf(context->arena, "%s in all", check_number_text(context->arena, seen))};
}

void check_run(CheckContext *context, const Check *check, CheckResult *result) {
    *result = (CheckResult){.check = check, .status = CHECK_UNKNOWN, .expected = "", .observed = ""};
    int64_t start = time_monotonic();
    if (context->proof_asked > 0 && check->level > context->proof_asked)
        check_skip(context, result, "the proof was asked to end at level %d, %s (proof)", context->proof_asked,
                   context->proof_asked_name);
    else
        check->run(context, result);
    result->seconds = (double)(time_monotonic() - start) / (double)TIME_SECOND;
    if (result->status == CHECK_UNKNOWN && result->why == NULL)
        result->why = "the check ended without an answer: this is a defect of lifeboat";
    for (const CheckFinding *const *finding = check->findings; *finding != NULL; finding++)
        condense_one(context, result, *finding);
}

void check_run_all(CheckContext *context, CheckResults *out) {
    assert(context->history != NULL && context->settings != NULL);
    *out = (CheckResults){0};
    for (const Check *const *check = check_table; *check != NULL; check++)
        check_run(context, *check, LIST_PUSH(context->arena, *out));
}

/* ---- what a check says ---- */

/* An unknown without a reason is what every check starts with: nothing was said yet. */
static int rank(const CheckResult *result, CheckStatus status) {
    switch (status) {
    case CHECK_PASS:
        return 1;
    case CHECK_SKIPPED:
        return 2;
    case CHECK_WARN:
        return 3;
    case CHECK_UNKNOWN:
        return result->why == NULL ? 0 : 4;
    case CHECK_FAIL:
        break;
    }
    return 5;
}

static void raise_to(CheckResult *result, CheckStatus status) {
    if (rank(result, status) > rank(result, result->status))
        result->status = status;
}

void check_pass(CheckResult *result) {
    raise_to(result, CHECK_PASS);
}

static bool is_accepted(const CheckContext *context, const CheckFinding *declared, const char *where) {
    if (!declared->acceptable)
        return false;
    size_t count = 0;
    const char *const *accepted = settings_list(context->settings, &check_accept, &count);
    for (size_t at = 0; at < count; at++) {
        Text pattern, id = text_cut(text_of(accepted[at]), ':', &pattern);
        bool everywhere = id.length == strlen(accepted[at]);
        if (text_is(id, declared->id) && (everywhere || scope_matches(text_dup(context->arena, pattern), where)))
            return true;
    }
    return false;
}

static const char *format_text(Arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    assert(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

Finding *check_report(CheckContext *context, CheckResult *result, const CheckFinding *declared, const char *where,
                      const char *message, ...) {
    assert(find_in(result->check, text_of(declared->id)) != NULL);
    va_list arguments;
    va_start(arguments, message);
    const char *text = format_text(context->arena, message, arguments);
    va_end(arguments);
    bool accepted = is_accepted(context, declared, where);
    CheckSeverity severity = accepted ? CHECK_NOTICE : declared->severity;
    Finding *finding = LIST_PUSH(context->arena, result->findings);
    *finding = (Finding){.id = declared->id,
                         .severity = severity,
                         .where = where,
                         .message = accepted ? arena_printf(context->arena, "%s (accepted)", text) : text,
                         .expected = "",
                         .found = ""};
    if (severity != CHECK_NOTICE)
        raise_to(result, severity == CHECK_FAILURE ? CHECK_FAIL : CHECK_WARN);
    return finding;
}

void check_unknown(CheckContext *context, CheckResult *result, const char *why, ...) {
    va_list arguments;
    va_start(arguments, why);
    const char *text = format_text(context->arena, why, arguments);
    va_end(arguments);
    bool unsaid = result->why == NULL;
    result->why = unsaid ? text : arena_printf(context->arena, "%s; %s", result->why, text);
    if (result->status != CHECK_FAIL)
        result->status = CHECK_UNKNOWN;
}

void check_unknown_error(CheckContext *context, CheckResult *result, const char *lead, const Err *err) {
    check_unknown(context, result, "%s%s%s", lead, lead[0] == '\0' ? "" : ": ",
                  err == NULL ? "no reason was given" : err_text(context->arena, err));
    if (err != NULL && result->remedy == NULL)
        result->remedy = err_first_hint(err);
}

void check_skip(CheckContext *context, CheckResult *result, const char *why, ...) {
    assert(result->status == CHECK_UNKNOWN && result->why == NULL);
    va_list arguments;
    va_start(arguments, why);
    result->why = format_text(context->arena, why, arguments);
    va_end(arguments);
    result->status = CHECK_SKIPPED;
}

CheckFinding check_graded(const CheckFinding *declared, CheckSeverity severity) {
    CheckFinding graded = *declared;
    graded.severity = severity;
    return graded;
}

bool check_no_backup(CheckContext *context, CheckResult *result) {
    if (context->backup != NULL)
        return false;
    const Err *err = context->open_error;
    bool finding = err == NULL || err->kind == ERR_NOT_FOUND || err_is(err, ERR_DATA); /* it has a finding of its own */
    if (finding)
        check_unknown(context, result, "there is no backup to look into");
    else
        check_unknown_error(context, result, "", err);
    return true;
}

bool check_cut_short(const CheckContext *context) {
    const Backup *backup = context->backup;
    bool cut = !backup->read_whole;
    LIST_EACH (const BackupDefect, defect, backup->defects)
        cut |= defect->kind == BACKUP_DEFECT_TRUNCATED && strcmp(backup->format, "script") == 0;
    return cut;
}

bool check_blind(CheckContext *context, CheckResult *result) {
    if (check_no_backup(context, result))
        return true;
    if (context->changing)
        check_unknown(context, result, "the backup changed while it was read");
    else if (!context->read_attempted)
        check_unknown(context, result, "the backup was not read");
    else if (check_cut_short(context))
        check_unknown(context, result, "the backup could not be read to its end");
    else
        return false;
    return true;
}

/* ---- words ---- */

const char *check_number_text(Arena *arena, uint64_t number) {
    char digits[32];
    size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number);
    char *text = arena_alloc(arena, length + length / 3 + 1), *at = text;
    for (size_t done = 0; done < length; done++) {
        if (done > 0 && (length - done) % 3 == 0)
            *at++ = ',';
        *at++ = digits[done];
    }
    return text;
}

const char *check_count_text(Arena *arena, uint64_t number, const char *noun) {
    const char *ending = number == 1 ? "" : text_ends(text_of(noun), "x") ? "es" : "s";
    return arena_printf(arena, "%s %s%s", check_number_text(arena, number), noun, ending);
}

const char *check_percent_text(Arena *arena, double fraction) {
    double percent = fraction * 100;
    int decimals = percent >= 99.95 || percent < 0 || percent - (double)(int)percent == 0 ? 0 : percent < 0.095 ? 2 : 1;
    return arena_printf(arena, "%.*f %%", decimals, percent);
}

const char *check_status_name(CheckStatus status) {
    static const char *const names[] = {[CHECK_UNKNOWN] = "unknown",
                                        [CHECK_PASS] = "pass",
                                        [CHECK_WARN] = "warn",
                                        [CHECK_FAIL] = "fail",
                                        [CHECK_SKIPPED] = "skipped"};
    return names[status];
}

const char *check_severity_name(CheckSeverity severity) {
    static const char *const names[] = {
        [CHECK_NOTICE] = "notice", [CHECK_WARNING] = "warning", [CHECK_FAILURE] = "failure"};
    return names[severity];
}
