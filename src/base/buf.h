/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_BUF_H
#define LIFEBOAT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/*
 * Buf: growing bytes whose maximum is stated at birth. Backed by malloc and released with its arena, so it may grow
 * without leaving copies behind. Always NUL-terminated one byte past its length.
 *
 * Appending past the maximum sets `full`, keeps what is there and appends nothing: check `full` once at the end.
 */
typedef struct Buf {
    char *at;
    size_t length;
    size_t capacity;
    size_t maximum;
    bool full;
} Buf;

/* The buffer itself is allocated in the arena; it starts empty. */
Buf *buf_new(Arena *arena, size_t maximum);
void buf_clear(Buf *buf); /* keeps the capacity, resets full */
bool buf_append(Buf *buf, const void *bytes, size_t length);
bool buf_text(Buf *buf, Text text);
bool buf_string(Buf *buf, const char *string);
bool buf_byte(Buf *buf, char byte);
bool buf_printf(Buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `length` more bytes, to be written at buf->at + buf->length by the caller, who then adds to length. */
bool buf_reserve(Buf *buf, size_t length);
Text buf_view(const Buf *buf);

#endif
