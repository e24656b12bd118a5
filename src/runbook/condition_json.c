/* SPDX-License-Identifier: PostgreSQL */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "runbook/condition.h"

/* jansson's parser recurses, and a reply or a line comes from outside. */
enum { JSON_DEEPEST = 128, JSON_STEPS = 32, JSON_FOUND = 100000 };

static bool too_deep(Text text) {
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];
        if (in_string && byte == '\\')
            i++;
        else if (byte == '"')
            in_string = !in_string;
        else if (!in_string && (byte == '[' || byte == '{') && ++depth > JSON_DEEPEST)
            return true;
        else if (!in_string && (byte == ']' || byte == '}'))
            depth--;
    }
    return false;
}

static Text clean(Arena *arena, Text text) {
    Buf *out = buf_new(arena, 4 * text.length + 4);
    while (text.length > 0) {
        uint32_t ignored = 0;
        size_t length = text_utf8(text, &ignored);
        if (length == 0)
            buf_string(out, "\xef\xbf\xbd");
        else
            buf_append(out, text.at, length);
        text = text_slice(text, length == 0 ? 1 : length, text.length);
    }
    return buf_view(out);
}

json_t *condition_json_read(Arena *arena, Text text) {
    /* Integers beyond 64 bits are no reason to call a reply malformed. */
    const size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    json_error_t error;
    if (text.length == 0 || too_deep(text))
        return NULL;
    json_t *value = json_loadb(text.at, text.length, flags, &error);
    if (value == NULL && json_error_code(&error) == json_error_invalid_utf8) {
        Text cleaned = clean(arena, text);
        value = json_loadb(cleaned.at, cleaned.length, flags, &error);
    }
    return value == NULL ? NULL : json_start(arena, value);
}

/* --- paths --- */

static Err *parse_index(Arena *arena, Text *rest, ConditionStep *out) {
    ptrdiff_t end = text_find(*rest, ']');
    uint64_t index = 0;
    Text inside = text_slice(*rest, 1, end < 0 ? 0 : (size_t)end);
    *out = (ConditionStep){.any = text_is(inside, "*")};
    if (end < 0 || (!out->any && (!text_to_u64(inside, &index) || index > UINT32_MAX)))
        return err_new(arena, ERR_DATA, "brackets hold a number or *");
    out->index = (size_t)index;
    *rest = text_slice(*rest, (size_t)end + 1, rest->length);
    return NULL;
}

Err *condition_json_path(Arena *arena, Text written, ConditionPath *out) {
    Text rest = written;
    bool first = true;
    while (rest.length > 0) {
        if (out->count == JSON_STEPS)
            return err_new(arena, ERR_LIMIT, "a path has at most %d steps", JSON_STEPS);
        if (rest.at[0] == '[') {
            TRY(parse_index(arena, &rest, LIST_PUSH(arena, *out)));
            first = false;
            continue;
        }
        if (!first && rest.at[0] != '.')
            return err_new(arena, ERR_DATA, "keys are joined by dots");
        rest = text_slice(rest, !first, rest.length);
        size_t end = 0;
        while (end < rest.length && rest.at[end] != '.' && rest.at[end] != '[' && rest.at[end] != ']')
            end++;
        if (end == 0)
            return err_new(arena, ERR_DATA, "a key is missing");
        *LIST_PUSH(arena, *out) = (ConditionStep){.key = text_dup(arena, text_slice(rest, 0, end))};
        rest = text_slice(rest, end, rest.length);
        first = false;
    }
    return out->count > 0 ? NULL : err_new(arena, ERR_DATA, "the path is missing");
}

static void find_from(Arena *arena, const json_t *value, const ConditionStep *steps, size_t count,
                      ConditionFound *out) {
    if (out->count >= JSON_FOUND || value == NULL)
        return;
    if (count == 0) {
        *LIST_PUSH(arena, *out) = value;
    } else if (steps->key != NULL) {
        find_from(arena, json_object_get(value, steps->key), steps + 1, count - 1, out);
    } else if (!steps->any) {
        find_from(arena, json_array_get(value, steps->index), steps + 1, count - 1, out);
    } else {
        for (size_t i = 0; i < json_array_size(value); i++)
            find_from(arena, json_array_get(value, i), steps + 1, count - 1, out);
    }
}

void condition_json_find(Arena *arena, const json_t *document, const ConditionPath *path, ConditionFound *out) {
    find_from(arena, document, path->items, path->count, out);
}

/* Nothing was found: false when that is because an array is empty, else nobody knows. */
static ConditionAnswer nothing_found(Arena *arena, const Condition *condition, const json_t *document) {
    for (size_t i = 0; i < condition->path.count; i++) {
        if (!condition->path.items[i].any)
            continue;
        ConditionFound arrays = {0};
        bool empty = true;
        find_from(arena, document, condition->path.items, i, &arrays);
        LIST_EACH (const json_t *, array, arrays) {
            empty = empty && json_is_array(*array) && json_array_size(*array) == 0;
        }
        if (arrays.count > 0 && empty)
            return CONDITION_FALSE;
    }
    return CONDITION_UNKNOWN;
}

const char *condition_json_text(Arena *arena, const json_t *value) {
    if (value == NULL)
        return "";
    if (json_is_string(value))
        return arena_strndup(arena, json_string_value(value), json_string_length(value));
    if (json_is_number(value))
        return arena_printf(arena, "%.15g", json_number_value(value));
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    const char *copy = text == NULL ? "" : arena_strdup(arena, text);
    free(text);
    return copy;
}

static void note(Arena *arena, const Condition *condition, const char *what, Buf *seen) {
    if (seen != NULL)
        buf_printf(seen, "%s%s: %s", seen->length > 0 ? ", " : "", condition->name, what);
}

static const char *shown(Arena *arena, const json_t *value) {
    return text_quote(arena, text_of(condition_json_text(arena, value)), 60);
}

/* The one value of a path without [*], or NULL. */
static const json_t *follow(const json_t *value, const ConditionPath *path) {
    for (size_t i = 0; i < path->count && value != NULL; i++) {
        const ConditionStep *step = &path->items[i];
        value = step->key != NULL ? json_object_get(value, step->key) : json_array_get(value, step->index);
    }
    return value;
}

/* Lines of a log are asked by the hundred thousand: without lists where there is one value at most. */
static ConditionAnswer one_value(const Condition *condition, const json_t *document) {
    const json_t *value = follow(document, &condition->path);
    if (condition->op == CONDITION_EXISTS || condition->op == CONDITION_MISSING)
        return (value != NULL) == (condition->op == CONDITION_EXISTS) ? CONDITION_TRUE : CONDITION_FALSE;
    return value == NULL ? CONDITION_UNKNOWN : condition_compare_json(value, condition->op, &condition->value);
}

static bool has_any(const ConditionPath *path) {
    for (size_t i = 0; i < path->count; i++)
        if (path->items[i].any)
            return true;
    return false;
}

ConditionAnswer condition_json(Arena *arena, const Condition *condition, const json_t *document, Buf *seen) {
    if (document == NULL)
        return CONDITION_UNKNOWN;
    if (seen == NULL && !has_any(&condition->path))
        return one_value(condition, document);
    ConditionFound found = {0};
    condition_json_find(arena, document, &condition->path, &found);
    if (condition->op == CONDITION_EXISTS || condition->op == CONDITION_MISSING) {
        note(arena, condition, found.count > 0 ? "is there" : "is not there", seen);
        return (found.count > 0) == (condition->op == CONDITION_EXISTS) ? CONDITION_TRUE : CONDITION_FALSE;
    }
    if (found.count == 0) {
        note(arena, condition, "not found", seen);
        return nothing_found(arena, condition, document);
    }
    ConditionAnswer answer = CONDITION_FALSE;
    const json_t *which = found.items[0];
    for (size_t i = 0; i < found.count && answer != CONDITION_TRUE; i++) {
        answer = condition_or(answer, condition_compare_json(found.items[i], condition->op, &condition->value));
        which = answer == CONDITION_TRUE ? found.items[i] : which;
    }
    if (answer == CONDITION_TRUE || found.count == 1)
        note(arena, condition, shown(arena, which), seen);
    return answer;
}
