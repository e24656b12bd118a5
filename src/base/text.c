/* SPDX-License-Identifier: PostgreSQL */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

Text text_of(const char *string) {
    return (Text){.at = string, .length = string == NULL ? 0 : strlen(string)};
}

bool text_equal(Text a, Text b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool text_is(Text a, const char *string) {
    return text_equal(a, text_of(string));
}

bool text_starts(Text text, const char *prefix) {
    size_t length = strlen(prefix);
    return text.length >= length && (length == 0 || memcmp(text.at, prefix, length) == 0);
}

bool text_ends(Text text, const char *suffix) {
    size_t length = strlen(suffix);
    return text.length >= length && (length == 0 || memcmp(text.at + text.length - length, suffix, length) == 0);
}

int text_compare(Text a, Text b) {
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter == 0 ? 0 : memcmp(a.at, b.at, shorter);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static bool is_space(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

Text text_trim(Text text) {
    while (text.length > 0 && is_space(text.at[0])) {
        text.at++;
        text.length--;
    }
    while (text.length > 0 && is_space(text.at[text.length - 1]))
        text.length--;
    return text;
}

Text text_slice(Text text, size_t from, size_t to) {
    to = to > text.length ? text.length : to;
    from = from > to ? to : from;
    return (Text){.at = from == 0 ? text.at : text.at + from, .length = to - from};
}

ptrdiff_t text_find(Text text, char byte) {
    const char *found = text.length == 0 ? NULL : memchr(text.at, byte, text.length);
    return found == NULL ? -1 : found - text.at;
}

Text text_cut(Text text, char separator, Text *rest) {
    ptrdiff_t at = text_find(text, separator);
    if (at < 0) {
        *rest = (Text){0};
        return text;
    }
    *rest = text_slice(text, (size_t)at + 1, text.length);
    return text_slice(text, 0, (size_t)at);
}

char *text_dup(Arena *arena, Text text) {
    return arena_strndup(arena, text.at, text.length);
}

bool text_to_u64(Text text, uint64_t *out) {
    uint64_t value = 0;
    if (text.length == 0)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.at[i] - '0'), &value))
            return false;
    }
    *out = value;
    return true;
}

size_t text_utf8(Text text, uint32_t *codepoint) {
    if (text.length == 0)
        return 0;
    const unsigned char *at = (const unsigned char *)text.at;
    size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;
    if (length == 0 || length > text.length)
        return 0;
    uint32_t value = length == 1 ? at[0] : at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *codepoint = value;
    return length;
}

typedef struct Range {
    uint32_t from, to;
} Range;

static bool in_ranges(uint32_t codepoint, const Range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (codepoint >= ranges[i].from && codepoint <= ranges[i].to)
            return true;
    }
    return false;
}

#define IN_RANGES(codepoint, ranges) in_ranges((codepoint), (ranges), sizeof(ranges) / sizeof((ranges)[0]))

/* Controls, and characters that reorder, hide or break the line around them: a name made of them could forge a report.
 */
static const Range unsafe[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
};

static void put_safe(Buf *buf, Text text, size_t limit, bool quoted) {
    size_t i = 0;
    while (i < text.length) {
        uint32_t codepoint = 0;
        size_t length = text_utf8(text_slice(text, i, text.length), &codepoint);
        bool shown = length > 0 && !IN_RANGES(codepoint, unsafe);
        length = length == 0 ? 1 : length;
        if (limit > 0 && i + length > limit)
            break;
        if (shown && quoted && (codepoint == '"' || codepoint == '\\'))
            buf_byte(buf, '\\');
        for (size_t k = i; k < i + length; k++) {
            if (shown)
                buf_byte(buf, text.at[k]);
            else
                buf_printf(buf, "\\x%02x", (unsigned char)text.at[k]);
        }
        i += length;
    }
    if (quoted)
        buf_byte(buf, '"');
    if (i < text.length)
        buf_string(buf, "…");
}

static char *safe_copy(Arena *arena, Text text, size_t limit, bool quoted) {
    Arena *scratch = arena_new();
    Buf *buf = buf_new(scratch, SIZE_MAX);
    if (quoted)
        buf_byte(buf, '"');
    put_safe(buf, text, limit, quoted);
    char *copy = text_dup(arena, buf_view(buf));
    arena_free(scratch);
    return copy;
}

const char *text_safe(Arena *arena, const char *string) {
    return safe_copy(arena, text_of(string), 0, false);
}

const char *text_quote(Arena *arena, Text text, size_t limit) {
    return safe_copy(arena, text, limit, true);
}

enum { SUGGEST_LONGEST = 64 };

/* Edit distance with transpositions of neighbours (optimal string alignment): "verfiy" is one step from "verify". */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t rows[3][SUGGEST_LONGEST + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *text_suggest(const char *word, const char *const *names, size_t count) {
    size_t length = strlen(word);
    if (length == 0 || length > SUGGEST_LONGEST)
        return NULL;
    const char *best = NULL;
    size_t nearest = length / 3 + 2; /* exclusive: one slip in a short word, more in a long one */
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(names[i]);
        if (other > SUGGEST_LONGEST)
            continue;
        size_t steps = distance(word, length, names[i], other);
        if (steps < nearest && steps < length && steps < other) {
            nearest = steps;
            best = names[i];
        }
    }
    return best;
}

static const Range narrow_none[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

static const Range wide[] = {
    {0x1100, 0x115f}, {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0x9fff}, {0xa000, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

int text_width(const char *string) {
    Text rest = text_of(string);
    int columns = 0;
    while (rest.length > 0) {
        uint32_t codepoint = 0;
        size_t length = text_utf8(rest, &codepoint);
        if (length == 0)
            columns++;
        else if (!IN_RANGES(codepoint, narrow_none))
            columns += IN_RANGES(codepoint, wide) ? 2 : 1;
        rest = text_slice(rest, length == 0 ? 1 : length, rest.length);
    }
    return columns;
}
