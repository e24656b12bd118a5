/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/probe.h"

#include <ctype.h>
#include <string.h>

#include "base/time.h"
#include "runbook/binding.h"
#include "runbook/probe_http.h"
#include "runbook/probe_log.h"
#include "runbook/probe_sh.h"
#include "runbook/probe_sql.h"

const char *probe_outcome_text(ProbeOutcome outcome) {
    static const char *const texts[] = {[PROBE_PRESENT] = "present",
                                        [PROBE_ABSENT] = "absent",
                                        [PROBE_UNKNOWN] = "cannot tell",
                                        [PROBE_UNSET] = "not asked"};
    return texts[outcome];
}

void probe_say(Arena *arena, ProbeAnswer *answer, Text line) {
    line = text_trim(line);
    bool cut = line.length > PROBE_LINE;
    size_t end = cut ? PROBE_LINE : line.length;
    while (cut && end > 0 && ((unsigned char)line.at[end] & 0xc0) == 0x80)
        end--; /* not within a character */
    char *copy = text_dup(arena, text_slice(line, 0, end));
    for (char *at = copy; *at != '\0'; at++)
        *at = (char)(*at == '\t' || *at == '\n' || *at == '\r' ? ' ' : *at);
    *LIST_PUSH(arena, answer->evidence) = arena_printf(arena, "%s%s", text_safe(arena, copy), cut ? "..." : "");
}

bool probe_next_line(Text *rest, Text *key, Text *value) {
    while (rest->length > 0) {
        Text line = text_trim(text_cut(*rest, '\n', rest));
        if (line.length == 0)
            continue;
        ptrdiff_t colon = text_find(line, ':');
        *key = text_trim(text_slice(line, 0, colon < 0 ? line.length : (size_t)colon));
        *value = colon < 0 ? (Text){0} : text_trim(text_slice(line, (size_t)colon + 1, line.length));
        if (colon >= 0 && value->at == NULL)
            value->at = "";
        return true;
    }
    return false;
}

/* --- templates --- */

static void put_encoded(Buf *out, const char *value) {
    for (const unsigned char *at = (const unsigned char *)value; *at != '\0'; at++) {
        if (isalnum(*at) || strchr("-._~", *at) != NULL)
            buf_byte(out, (char)*at);
        else
            buf_printf(out, "%%%02X", *at);
    }
}

static bool has_controls(const char *value) {
    for (const unsigned char *at = (const unsigned char *)value; *at != '\0'; at++)
        if (*at < 32 || *at == 127)
            return true;
    return false;
}

static Err *put_value(Arena *arena, const ParameterValues *values, const char *name, ProbeUse use, Buf *out) {
    ParameterType type = PARAMETER_TEXT;
    const char *value = NULL;
    if (parameter_type(parameter_declared(values), name, &type) && type == PARAMETER_SECRET && use != PROBE_IN_HEADER)
        return err_new(arena, ERR_CONFIG, "the secret %s may stand in a header of an http block only", name);
    TRY(parameter_value(arena, values, name, &value));
    if (value == NULL)
        return err_new(arena, ERR_NOT_FOUND, "%s", parameter_unset_text(arena, values, name));
    if (has_controls(value))
        return err_new(arena, ERR_CONFIG, "the value of %s holds a control character", name);
    if (use == PROBE_IN_URL && !(type == PARAMETER_URL && out->length == 0))
        put_encoded(out, value);
    else
        buf_string(out, value);
    return NULL;
}

Err *probe_fill(Arena *arena, const ParameterValues *values, const char *template, ProbeUse use, const char **out) {
    Buf *filled = buf_new(arena, 256 * 1024);
    Text rest = text_of(template), before = {0}, name = {0};
    while (parameter_next(&rest, &before, &name)) {
        buf_text(filled, before);
        TRY(put_value(arena, values, text_dup(arena, name), use, filled));
    }
    buf_text(filled, before);
    if (filled->full)
        return err_new(arena, ERR_LIMIT, "%s gets too long with its values", text_safe(arena, template));
    *out = filled->length == 0 ? "" : filled->at;
    return NULL;
}

const char *probe_shown(Arena *arena, const ParameterValues *values, const char *template) {
    Buf *shown = buf_new(arena, 64 * 1024);
    Text rest = text_of(template), before = {0}, name = {0};
    while (parameter_next(&rest, &before, &name)) {
        const char *copy = text_dup(arena, name), *value = parameter_written(values, copy);
        buf_text(shown, before);
        buf_string(shown, value == NULL ? copy : value);
    }
    buf_text(shown, before);
    return shown->length == 0 ? "" : shown->at;
}

/* --- running --- */

static Err *run_kind(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out) {
    switch (block->kind) {
    case ISSUE_SQL:
        return probe_sql(arena, context, block, out);
    case ISSUE_HTTP:
        return probe_http(arena, context, block, out);
    case ISSUE_LOG:
        return probe_log(arena, context, block, out);
    default:
        return probe_sh(arena, context, block, out);
    }
}

/* Something that is asked for has no value: the first such name, or NULL. */
static Err *find_unset(Arena *arena, const ProbeContext *context, const IssueBlock *block, const char **missing) {
    Binding binding;
    *missing = NULL;
    TRY(binding_make(arena, block->kind, (Text){block->body, block->length}, &binding));
    LIST_EACH (const char *, name, binding.names) {
        const char *value = NULL;
        TRY(parameter_value(arena, context->values, *name, &value));
        if (value == NULL && *missing == NULL)
            *missing = *name;
    }
    return NULL;
}

Err *probe_run(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out) {
    const char *missing = NULL;
    int64_t started = time_monotonic();
    *out = (ProbeAnswer){.outcome = PROBE_UNKNOWN};
    Err *err = find_unset(arena, context, block, &missing);
    if (err == NULL && missing != NULL) {
        out->outcome = PROBE_UNSET;
        out->reason = parameter_unset_text(arena, context->values, missing);
        return NULL;
    }
    if (err == NULL)
        err = run_kind(arena, context, block, out);
    out->elapsed = time_monotonic() - started;
    if (err == NULL)
        return NULL;
    if (err_is(err, ERR_INTERRUPTED))
        return err;
    out->outcome = PROBE_UNKNOWN;
    out->reason = err_text(arena, err);
    return NULL;
}

Err *probe_check(Arena *arena, const IssueBlock *block) {
    Text body = {block->body, block->length};
    ProbeHttp http;
    ProbeLog log;
    Binding binding;
    if (block->kind == ISSUE_HTTP)
        TRY(probe_http_parse(arena, body, &http));
    if (block->kind == ISSUE_LOG)
        TRY(probe_log_parse(arena, body, &log));
    return binding_make(arena, block->kind, body, &binding);
}
