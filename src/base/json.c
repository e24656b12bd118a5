/* SPDX-License-Identifier: PostgreSQL */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"

/* jansson's parser recurses; its own bound (2048 levels) is compiled in, ours is tighter and says so. */
enum { JSON_DEEPEST = 128 };

static void release(void *what) {
    json_decref(what);
}

static _Noreturn void out_of_memory(void) {
    fputs("lifeboat: out of memory (a JSON value)\n", stderr);
    abort();
}

json_t *json_start(Arena *arena, json_t *value) {
    if (value == NULL)
        out_of_memory();
    arena_defer(arena, release, value);
    return value;
}

json_t *json_put(json_t *object, const char *key, json_t *value) {
    if (value == NULL || json_object_set_new(object, key, value) != 0)
        out_of_memory();
    return value;
}

json_t *json_add(json_t *array, json_t *value) {
    if (value == NULL || json_array_append_new(array, value) != 0)
        out_of_memory();
    return value;
}

json_t *json_text_value(Text value) {
    json_t *made = json_stringn(value.length == 0 ? "" : value.at, value.length);
    if (made != NULL)
        return made;
    /* Not UTF-8: what cannot be decoded becomes the replacement character. */
    Arena *scratch = arena_new();
    Buf *clean = buf_new(scratch, SIZE_MAX);
    while (value.length > 0) {
        uint32_t ignored = 0;
        size_t length = text_utf8(value, &ignored);
        if (length == 0)
            buf_string(clean, "\xef\xbf\xbd");
        else
            buf_append(clean, value.at, length);
        value = text_slice(value, length == 0 ? 1 : length, value.length);
    }
    made = json_stringn(clean->at, clean->length);
    arena_free(scratch);
    return made;
}

void json_put_text(json_t *object, const char *key, Text value) {
    json_put(object, key, json_text_value(value));
}

void json_put_string(json_t *object, const char *key, const char *value) {
    json_put(object, key, value == NULL ? json_null() : json_text_value(text_of(value)));
}

void json_put_u64(json_t *object, const char *key, uint64_t value) {
    if (value <= INT64_MAX)
        json_put(object, key, json_integer((json_int_t)value));
    else
        json_put(object, key, json_sprintf("%llu", (unsigned long long)value));
}

void json_put_bool(json_t *object, const char *key, bool value) {
    json_put(object, key, json_boolean(value));
}

void json_put_real(json_t *object, const char *key, double value) {
    json_put(object, key, isfinite(value) ? json_real(value) : json_null());
}

void json_put_time(json_t *object, const char *key, Time value) {
    if (value == TIME_NONE) {
        json_put_null(object, key);
        return;
    }
    Arena *scratch = arena_new();
    json_put_string(object, key, time_text(scratch, value));
    arena_free(scratch);
}

void json_put_null(json_t *object, const char *key) {
    json_put(object, key, json_null());
}

const char *json_get_string(const json_t *object, const char *key, const char *fallback) {
    const char *found = json_string_value(json_object_get(object, key));
    return found == NULL ? fallback : found;
}

uint64_t json_get_u64(const json_t *object, const char *key, uint64_t fallback) {
    const json_t *found = json_object_get(object, key);
    uint64_t value = 0;
    if (json_is_integer(found) && json_integer_value(found) >= 0)
        return (uint64_t)json_integer_value(found);
    if (json_is_string(found) && text_to_u64(text_of(json_string_value(found)), &value))
        return value;
    return fallback;
}

bool json_get_bool(const json_t *object, const char *key, bool fallback) {
    const json_t *found = json_object_get(object, key);
    return json_is_boolean(found) ? json_is_true(found) : fallback;
}

/* Nesting is counted over the bytes before the parser sees them; strings are skipped as the parser would. */
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

Err *json_parse_text(Arena *arena, Text text, json_t **out) {
    if (too_deep(text))
        return err_new(arena, ERR_LIMIT, "JSON is nested deeper than %d levels", JSON_DEEPEST);
    json_error_t error;
    json_t *value = json_loadb(text.length == 0 ? "" : text.at, text.length, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL)
        return err_new(arena, ERR_DATA, "not valid JSON at line %d, column %d: %s", error.line, error.column,
                       text_safe(arena, error.text));
    *out = json_start(arena, value);
    return NULL;
}

Err *json_parse_file(Arena *arena, const char *path, size_t maximum, json_t **out) {
    Buf *bytes = NULL;
    TRY(file_read_all(arena, path, maximum, &bytes));
    const Err *cause = json_parse_text(arena, buf_view(bytes), out);
    return cause == NULL ? NULL : err_wrap(arena, cause, "cannot read %s", text_safe(arena, path));
}

static int put_bytes(const char *bytes, size_t length, void *buf) {
    return buf_append(buf, bytes, length) ? 0 : -1;
}

const char *json_render(Arena *arena, const json_t *value, bool compact) {
    Arena *scratch = arena_new();
    Buf *raw = buf_new(scratch, SIZE_MAX);
    size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(15) | (compact ? JSON_COMPACT : JSON_INDENT(2));
    if (json_dump_callback(value, put_bytes, raw, flags) != 0)
        out_of_memory();
    /* JSON lets DEL and the C1 controls stand in strings as they are; a terminal may obey them. */
    Buf *safe = buf_new(scratch, SIZE_MAX);
    size_t from = 0;
    for (size_t i = 0; i < raw->length; i++) {
        unsigned char byte = (unsigned char)raw->at[i], next = (unsigned char)raw->at[i + 1];
        bool is_c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0;
        if (byte != 0x7f && !is_c1)
            continue;
        buf_append(safe, raw->at + from, i - from);
        buf_printf(safe, "\\u%04x", is_c1 ? next : byte);
        i += is_c1;
        from = i + 1;
    }
    buf_append(safe, raw->at + from, raw->length - from);
    const char *rendered = text_dup(arena, buf_view(safe));
    arena_free(scratch);
    return rendered;
}
