/* SPDX-License-Identifier: PostgreSQL */
#include "base/err.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
    [ERR_IO] = "io",
    [ERR_DATA] = "data",
    [ERR_LIMIT] = "limit",
    [ERR_NOT_FOUND] = "not-found",
    [ERR_PERMISSION] = "permission",
    [ERR_CONNECT] = "connect",
    [ERR_SERVER] = "server",
    [ERR_PROCESS] = "process",
    [ERR_TIMEOUT] = "timeout",
    [ERR_UNSUPPORTED] = "unsupported",
    [ERR_USAGE] = "usage",
    [ERR_CONFIG] = "config",
    [ERR_INTERRUPTED] = "interrupted",
};

static __attribute__((format(printf, 2, 0))) const char *format_text(Arena *arena, const char *format,
                                                                     va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = arena_alloc(arena, length < 0 ? 1 : (size_t)length + 1);
    if (length > 0)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

static Err *make(Arena *arena, ErrKind kind, const char *message, const Err *cause) {
    Err *err = ARENA_NEW(arena, Err);
    *err = (Err){.kind = kind, .message = message, .cause = cause};
    return err;
}

Err *err_new(Arena *arena, ErrKind kind, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = format_text(arena, format, arguments);
    va_end(arguments);
    return make(arena, kind, message, NULL);
}

static ErrKind kind_of_errno(int number) {
    switch (number) {
    case EACCES:
    case EPERM:
        return ERR_PERMISSION;
    case ENOENT:
        return ERR_NOT_FOUND;
    default:
        return ERR_IO;
    }
}

Err *err_errno(Arena *arena, int number, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = format_text(arena, format, arguments);
    va_end(arguments);
    const char *words = strerrordesc_np(number); /* thread-safe and not translated */
    message = words != NULL ? arena_printf(arena, "%s: %s", message, words)
                            : arena_printf(arena, "%s: error %d", message, number);
    return make(arena, kind_of_errno(number), message, NULL);
}

Err *err_wrap(Arena *arena, const Err *cause, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = format_text(arena, format, arguments);
    va_end(arguments);
    return make(arena, cause->kind, message, cause);
}

Err *err_hint(Arena *arena, Err *err, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    err->hint = format_text(arena, format, arguments);
    va_end(arguments);
    return err;
}

Err *err_copy(Arena *arena, const Err *err) {
    if (err == NULL)
        return NULL;
    Err *copy = make(arena, err->kind, arena_strdup(arena, err->message), err_copy(arena, err->cause));
    if (err->hint != NULL)
        copy->hint = arena_strdup(arena, err->hint);
    return copy;
}

const char *err_text(Arena *arena, const Err *err) {
    if (err->cause == NULL)
        return err->message;
    return arena_printf(arena, "%s: %s", err->message, err_text(arena, err->cause));
}

const char *err_first_hint(const Err *err) {
    for (; err != NULL; err = err->cause) {
        if (err->hint != NULL)
            return err->hint;
    }
    return NULL;
}

int err_is(const Err *err, ErrKind kind) {
    for (; err != NULL; err = err->cause) {
        if (err->kind == kind)
            return 1;
    }
    return 0;
}

const char *err_kind_name(ErrKind kind) {
    return kind_names[kind];
}
