/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_TEXT_H
#define LIFEBOAT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * Text: borrowed bytes, pointer and length, not NUL-terminated. Whoever made it owns the bytes. Buf (base/buf.h) is the
 * growing twin. A Text with length 0 may have a NULL pointer.
 */
typedef struct Text {
    const char *at;
    size_t length;
} Text;

#define TEXT(literal) ((Text){.at = (literal), .length = sizeof(literal) - 1})
/* For printf: "%.*s", TEXT_ARG(text). */
#define TEXT_ARG(text) (int)((text).length > 4096 ? 4096 : (text).length), ((text).at == NULL ? "" : (text).at)

Text text_of(const char *string); /* NULL gives an empty text */
bool text_equal(Text a, Text b);
bool text_is(Text a, const char *string);
bool text_starts(Text text, const char *prefix);
bool text_ends(Text text, const char *suffix);
int text_compare(Text a, Text b);                   /* bytewise, as strcmp */
Text text_trim(Text text);                          /* without ASCII white space at both ends */
Text text_slice(Text text, size_t from, size_t to); /* bounds are clamped */
ptrdiff_t text_find(Text text, char byte);          /* index or -1 */
/* Cuts at the first separator: returns what is before it, *rest what is after (empty when there was none). */
Text text_cut(Text text, char separator, Text *rest);
char *text_dup(Arena *arena, Text text);

/* Whole text as a number; false for anything else (sign, spaces, overflow). */
bool text_to_u64(Text text, uint64_t *out);

/* Bytes from outside made safe for people: control characters, escapes and invalid UTF-8 as \xNN, at most `limit` bytes
 * shown (0: all) and "…" after them; `text_quote` also puts double quotes around and a backslash before " and \.
 * Characters that reorder or hide text (bidirectional marks, zero width) count as control characters. Never print a
 * name from a backup raw. */
const char *text_safe(Arena *arena, const char *string);
const char *text_quote(Arena *arena, Text text, size_t limit);

/* Closest of `count` names by edit distance, or NULL when none is close enough to suggest. */
const char *text_suggest(const char *word, const char *const *names, size_t count);

/* The character at the front: its length in bytes (1 to 4) and code point, or 0 when the bytes are not valid UTF-8
 * (overlong forms and surrogates are not). */
size_t text_utf8(Text text, uint32_t *codepoint);

/* Columns a UTF-8 string takes on a terminal (wide characters two, combining none). */
int text_width(const char *string);

#endif
