/* SPDX-License-Identifier: PostgreSQL */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST = 256 };

static void release(void *what) {
    Buf *buf = what;
    free(buf->at);
    *buf = (Buf){0};
}

static void grow(Buf *buf, size_t capacity) {
    char *moved = realloc(buf->at, capacity);
    if (moved == NULL) {
        fprintf(stderr, "lifeboat: out of memory (a buffer of %zu bytes was needed)\n", capacity);
        abort();
    }
    buf->at = moved;
    buf->capacity = capacity;
}

Buf *buf_new(Arena *arena, size_t maximum) {
    Buf *buf = ARENA_NEW(arena, Buf);
    buf->maximum = maximum > SIZE_MAX / 4 ? SIZE_MAX / 4 : maximum;
    grow(buf, buf->maximum < BUF_FIRST ? buf->maximum + 1 : BUF_FIRST);
    buf->at[0] = '\0';
    arena_defer(arena, release, buf);
    return buf;
}

void buf_clear(Buf *buf) {
    buf->length = 0;
    buf->full = false;
    buf->at[0] = '\0';
}

bool buf_reserve(Buf *buf, size_t length) {
    if (buf->full || length > buf->maximum - buf->length) {
        buf->full = true;
        return false;
    }
    size_t needed = buf->length + length + 1;
    if (needed > buf->capacity) {
        size_t wider = buf->capacity * 2;
        size_t most = buf->maximum + 1;
        grow(buf, wider < needed ? needed : wider > most ? most : wider);
    }
    /* The caller may fill all of it and only then add to length. */
    buf->at[needed - 1] = '\0';
    return true;
}

bool buf_append(Buf *buf, const void *bytes, size_t length) {
    if (!buf_reserve(buf, length))
        return false;
    if (length > 0)
        memcpy(buf->at + buf->length, bytes, length);
    buf->length += length;
    buf->at[buf->length] = '\0';
    return true;
}

bool buf_text(Buf *buf, Text text) {
    return buf_append(buf, text.at, text.length);
}

bool buf_string(Buf *buf, const char *string) {
    return buf_append(buf, string, strlen(string));
}

bool buf_byte(Buf *buf, char byte) {
    return buf_append(buf, &byte, 1);
}

bool buf_printf(Buf *buf, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    bool fits = length >= 0 && buf_reserve(buf, (size_t)length);
    if (fits) {
        vsnprintf(buf->at + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
    return fits;
}

Text buf_view(const Buf *buf) {
    return (Text){.at = buf->at, .length = buf->length};
}
