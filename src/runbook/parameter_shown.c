/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/buf.h"
#include "runbook/parameter.h"

/*
 * Values as people see them: literals that can be pasted, or words in a text. Never a secret.
 */
enum { SHOWN_MAXIMUM = 4 << 20 };

const char *parameter_shown_sql(Arena *arena, const char *value) {
    Buf *out = buf_new(arena, SHOWN_MAXIMUM);
    bool escaped = strchr(value, '\\') != NULL;
    buf_string(out, escaped ? "E'" : "'");
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\')
            buf_byte(out, *at);
        buf_byte(out, *at);
    }
    buf_byte(out, '\'');
    return out->at;
}

const char *parameter_shown_sh(Arena *arena, const char *value) {
    Buf *out = buf_new(arena, SHOWN_MAXIMUM);
    buf_byte(out, '\'');
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '\'')
            buf_string(out, "'\\''");
        else
            buf_byte(out, *at);
    }
    buf_byte(out, '\'');
    return out->at;
}

static const char *unset(Arena *arena, const char *name) {
    return arena_printf(arena, "<%s>", name);
}

static const char *percent_encoded(Arena *arena, const char *value) {
    static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    Buf *out = buf_new(arena, SHOWN_MAXIMUM);
    for (const char *at = value; *at != '\0'; at++) {
        if (strchr(kept, *at) != NULL)
            buf_byte(out, *at);
        else
            buf_printf(out, "%%%02X", (unsigned char)*at);
    }
    return out->at;
}

/* In an http block: in its first line, or further down. */
static const char *http_value(Arena *arena, const ParameterValues *values, const char *name, bool in_url) {
    ParameterType type = PARAMETER_TEXT;
    const char *written = parameter_written(values, name);
    parameter_type(parameter_declared(values), name, &type);
    if (type == PARAMETER_SECRET)
        return "***";
    if (written == NULL)
        return unset(arena, name);
    return in_url && type != PARAMETER_URL ? percent_encoded(arena, written) : written;
}

static const char *block_value(Arena *arena, const ParameterValues *values, IssueKind kind, const char *name,
                               bool first_line) {
    if (kind == ISSUE_HTTP || kind == ISSUE_LOG)
        return http_value(arena, values, name, kind == ISSUE_HTTP && first_line);
    ParameterType type = PARAMETER_TEXT;
    parameter_type(parameter_declared(values), name, &type);
    const char *value = parameter_written(values, name);
    bool built_in = strcmp(name, "now") == 0;
    if (type == PARAMETER_SECRET || (value == NULL && !built_in))
        return unset(arena, name);
    if (parameter_value(arena, values, name, &value) != NULL || value == NULL)
        return unset(arena, name);
    return kind == ISSUE_SQL ? parameter_shown_sql(arena, value) : parameter_shown_sh(arena, value);
}

const char *parameter_shown(Arena *arena, const ParameterValues *values, IssueKind kind, const char *body) {
    Buf *out = buf_new(arena, SHOWN_MAXIMUM);
    Text rest = text_of(body), before = {0}, name = {0};
    bool found = true, first_line = true;
    while (found) {
        found = parameter_next(&rest, &before, &name);
        first_line = first_line && text_find(before, '\n') < 0;
        buf_text(out, before);
        if (found)
            buf_string(out, block_value(arena, values, kind, text_dup(arena, name), first_line));
    }
    return out->at == NULL ? "" : out->at;
}

/* How many backticks opened the code span that is open at the end of the text, given those before it; 0: none. A span
 * does not outlive its paragraph. */
static size_t code_span(Text text, size_t open) {
    for (size_t at = 0; at < text.length;) {
        size_t run = 0;
        if (text_starts(text_slice(text, at, text.length), "\n\n"))
            open = 0;
        while (at + run < text.length && text.at[at + run] == '`')
            run++;
        if (run > 0 && (open == 0 || open == run))
            open = open == 0 ? run : 0;
        at += run == 0 ? 1 : run;
    }
    return open;
}

static void put_escaped(Arena *arena, Buf *out, const char *value, bool in_code) {
    for (const char *at = text_safe(arena, value); *at != '\0'; at++) {
        if (in_code)
            buf_byte(out, *at == '`' ? '\'' : *at);
        else if (strchr("\\`*_[]<>#|~&!", *at) != NULL)
            buf_printf(out, "\\%c", *at);
        else
            buf_byte(out, *at);
    }
}

const char *parameter_shown_text(Arena *arena, const ParameterValues *values, const char *markdown) {
    Buf *out = buf_new(arena, SHOWN_MAXIMUM);
    Text rest = text_of(markdown), before = {0}, name = {0};
    size_t open = 0;
    bool found = true;
    while (found) {
        found = parameter_next(&rest, &before, &name);
        open = code_span(before, open);
        buf_text(out, before);
        if (!found)
            break;
        const char *key = text_dup(arena, name);
        const char *value = parameter_written(values, key);
        if (strcmp(key, "now") == 0)
            value = NULL; /* a page is not a moment */
        put_escaped(arena, out, value == NULL ? unset(arena, key) : value, open > 0);
    }
    return out->at == NULL ? "" : out->at;
}
