/* SPDX-License-Identifier: PostgreSQL */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runbook/condition.h"

static Text header_of(Text headers, const char *name, bool *found) {
    size_t length = strlen(name);
    *found = false;
    while (headers.length > 0) {
        Text line = text_cut(headers, '\n', &headers);
        if (line.length <= length || line.at[length] != ':' || strncasecmp(line.at, name, length) != 0)
            continue;
        *found = true;
        return text_trim(text_slice(line, length + 1, line.length));
    }
    return (Text){0};
}

/* --- the text format of Prometheus --- */

static bool in_name(char byte) {
    return isalnum((unsigned char)byte) || byte == '_' || byte == ':';
}

/* name="value" at the front, with the escapes \\ \" \n; false at the closing brace and at anything else. */
static bool take_label(Text *rest, Text *name, Text *value) {
    Text text = text_trim(*rest);
    size_t end = 0, close = 0;
    while (end < text.length && in_name(text.at[end]))
        end++;
    if (end == 0 || !text_starts(text_slice(text, end, text.length), "=\""))
        return false;
    *name = text_slice(text, 0, end);
    for (close = end + 2; close < text.length && text.at[close] != '"'; close++)
        close += text.at[close] == '\\';
    if (close >= text.length)
        return false;
    *value = text_slice(text, end + 2, close);
    text = text_trim(text_slice(text, close + 1, text.length));
    *rest = text_starts(text, ",") ? text_slice(text, 1, text.length) : text;
    return true;
}

static bool has_labels(Text labels, const Condition *condition) {
    size_t met = 0;
    Text name = {0}, value = {0};
    while (take_label(&labels, &name, &value))
        LIST_EACH (const ConditionLabel, label, condition->labels) {
            met += text_is(name, label->name) && text_is(value, label->value);
        }
    return met >= condition->labels.count;
}

/* The value of a sample that the condition means. */
static bool sample_of(Text line, const Condition *condition, double *out) {
    Text name = {0}, value = {0};
    size_t length = strlen(condition->name);
    if (!text_starts(line, condition->name) || (line.length > length && in_name(line.at[length])))
        return false;
    Text rest = text_trim(text_slice(line, length, line.length)), labels = {0};
    if (text_starts(rest, "{")) {
        labels = rest = text_slice(rest, 1, rest.length);
        while (take_label(&rest, &name, &value))
            continue;
        if (!text_starts(rest, "}"))
            return false;
        rest = text_trim(text_slice(rest, 1, rest.length));
    }
    char copy[64], *end = NULL;
    Text number = text_cut(rest, ' ', &rest);
    if (!has_labels(labels, condition) || number.length == 0 || number.length >= sizeof(copy))
        return false;
    memcpy(copy, number.at, number.length);
    copy[number.length] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0';
}

static ConditionAnswer metric(Arena *arena, const Condition *condition, Text body, Buf *seen) {
    ConditionAnswer answer = CONDITION_UNKNOWN;
    double value = 0;
    bool any = false;
    while (body.length > 0 && answer != CONDITION_TRUE) {
        Text line = text_trim(text_cut(body, '\n', &body));
        if (!sample_of(line, condition, &value))
            continue;
        ConditionAnswer one = condition_compare_number(value, condition->op, &condition->value);
        answer = any ? condition_or(answer, one) : one;
        any = true;
    }
    if (seen != NULL && any)
        buf_printf(seen, "%s%s: %.6g", seen->length > 0 ? ", " : "", condition->name, value);
    else if (seen != NULL)
        buf_printf(seen, "%s%s: not found", seen->length > 0 ? ", " : "", condition->name);
    return answer;
}

static ConditionAnswer header(Arena *arena, const Condition *condition, Text headers, Buf *seen) {
    bool found = false;
    Text value = header_of(headers, condition->name, &found);
    if (seen != NULL)
        buf_printf(seen, "%s%s: %s", seen->length > 0 ? ", " : "", condition->name,
                   found ? text_quote(arena, value, 60) : "not sent");
    return found ? condition_compare_text(value, condition->op, &condition->value) : CONDITION_UNKNOWN;
}

ConditionAnswer condition_http(Arena *arena, const Condition *condition, const ConditionReply *reply, Buf *seen) {
    if (condition->subject == CONDITION_UNREACHABLE)
        return reply->answered ? CONDITION_FALSE : CONDITION_TRUE;
    if (!reply->answered)
        return CONDITION_UNKNOWN;
    switch (condition->subject) {
    case CONDITION_STATUS:
        return condition_compare_number(reply->status, condition->op, &condition->value);
    case CONDITION_TIME:
        return condition_compare_number(reply->seconds, condition->op, &condition->value);
    case CONDITION_BODY:
        return condition_compare_text(reply->body, condition->op, &condition->value);
    case CONDITION_HEADER:
        return header(arena, condition, reply->headers, seen);
    case CONDITION_JSON:
        return condition_json(arena, condition, reply->document, seen);
    case CONDITION_METRIC:
        return metric(arena, condition, reply->body, seen);
    default:
        return CONDITION_UNKNOWN;
    }
}

ConditionAnswer condition_http_line(Arena *arena, const Conditions *line, const ConditionReply *reply, Buf *seen) {
    ConditionAnswer answer = CONDITION_TRUE;
    LIST_EACH (const Condition, condition, *line) {
        answer = condition_and(answer, condition_http(arena, condition, reply, seen));
    }
    return answer;
}
