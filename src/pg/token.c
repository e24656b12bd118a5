/* SPDX-License-Identifier: PostgreSQL */
#include "pg/token.h"

#include <string.h>

#include "base/buf.h"
#include "pg/lexis.h"

static bool is_space(char byte) {
    LexisClass class = lexis_class(byte);
    return class == LEXIS_SPACE || class == LEXIS_NEWLINE;
}

static bool starts_word(char byte) {
    return lexis_class(byte) == LEXIS_LETTER;
}

static bool is_digit(char byte) {
    return lexis_class(byte) == LEXIS_DIGIT;
}

/* Byte at an index, or NUL behind the end. */
static char peek(Text text, size_t at) {
    return at < text.length ? text.at[at] : '\0';
}

/* Length of a block comment at the front, nested ones counted. */
static size_t block_comment(Text text) {
    size_t at = 2, depth = 1;
    while (at < text.length && depth > 0) {
        if (text.at[at] == '/' && peek(text, at + 1) == '*') {
            depth++;
            at++;
        } else if (text.at[at] == '*' && peek(text, at + 1) == '/') {
            depth--;
            at++;
        }
        at++;
    }
    return at < text.length ? at : text.length;
}

static size_t line_comment(Text text) {
    size_t at = 2;
    while (at < text.length && text.at[at] != '\n' && text.at[at] != '\r')
        at++;
    return at;
}

static size_t blank(Text text) {
    size_t at = 0;
    while (at < text.length) {
        Text here = text_slice(text, at, text.length);
        if (is_space(here.at[0]))
            at++;
        else if (here.at[0] == '-' && peek(here, 1) == '-')
            at += line_comment(here);
        else if (here.at[0] == '/' && peek(here, 1) == '*')
            at += block_comment(here);
        else
            break;
    }
    return at;
}

/* Length of a quoted thing whose opening quote stands at `from`; a doubled quote is part of it. */
static size_t quoted(Text text, size_t from, bool escapes) {
    char quote = text.at[from];
    for (size_t at = from + 1; at < text.length; at++) {
        if (escapes && text.at[at] == '\\')
            at++;
        else if (text.at[at] == quote && peek(text, at + 1) == quote)
            at++;
        else if (text.at[at] == quote)
            return at + 1;
    }
    return text.length;
}

/* Length of a "$tag$" at the front, 0 when there is none. */
static size_t dollar_tag(Text text) {
    size_t at = 1;
    if (starts_word(peek(text, at)))
        while (at < text.length && lexis_in_word(text.at[at]) && text.at[at] != '$')
            at++;
    return peek(text, 0) == '$' && peek(text, at) == '$' ? at + 1 : 0;
}

static size_t dollar_string(Text text, size_t tag) {
    Text rest = text_slice(text, tag, text.length);
    const char *end = rest.length == 0 ? NULL : memmem(rest.at, rest.length, text.at, tag);
    return end == NULL ? text.length : (size_t)(end - text.at) + tag;
}

static size_t word(Text text) {
    size_t at = 1;
    while (at < text.length && lexis_in_word(text.at[at]))
        at++;
    return at;
}

static size_t number(Text text) {
    size_t at = 0;
    while (is_digit(peek(text, at)) || peek(text, at) == '.' || starts_word(peek(text, at))) {
        bool exponent = lexis_lower(peek(text, at)) == 'e';
        at++;
        if (exponent && (peek(text, at) == '+' || peek(text, at) == '-'))
            at++;
    }
    return at;
}

/* A letter and a quote: E'', B'', X'', N'', and U& before either quote. Length of the whole, 0 when it is none. */
static size_t prefixed(Text text, bool standard, TokenKind *kind) {
    char first = lexis_lower(peek(text, 0));
    *kind = TOKEN_STRING;
    if (first == 'u' && peek(text, 1) == '&' && (peek(text, 2) == '\'' || peek(text, 2) == '"')) {
        *kind = text.at[2] == '"' ? TOKEN_NAME : TOKEN_STRING;
        return quoted(text, 2, false);
    }
    if (peek(text, 1) != '\'')
        return 0;
    if (first == 'e' || first == 'b' || first == 'x')
        return quoted(text, 1, first == 'e');
    return first == 'n' ? quoted(text, 1, !standard) : 0;
}

static size_t measure(Text text, bool standard, TokenKind *kind) {
    char first = text.at[0];
    size_t length = 0;
    if (first == '\'') {
        *kind = TOKEN_STRING;
        return quoted(text, 0, !standard);
    }
    if (first == '"') {
        *kind = TOKEN_NAME;
        return quoted(text, 0, false);
    }
    if (starts_word(first)) {
        length = prefixed(text, standard, kind);
        if (length == 0) {
            *kind = TOKEN_WORD;
            length = word(text);
        }
        return length;
    }
    if (is_digit(first) || (first == '.' && is_digit(peek(text, 1)))) {
        *kind = TOKEN_NUMBER;
        return number(text);
    }
    *kind = TOKEN_STRING;
    length = dollar_tag(text);
    if (length > 0)
        return dollar_string(text, length);
    *kind = TOKEN_SYMBOL;
    return 1;
}

Tokens token_start(Text statement, bool standard_strings) {
    return (Tokens){.rest = statement, .standard_strings = standard_strings};
}

Token token_next(Tokens *tokens) {
    size_t skipped = blank(tokens->rest);
    tokens->rest = text_slice(tokens->rest, skipped, tokens->rest.length);
    Token token = {.kind = TOKEN_END, .spaced = skipped > 0};
    if (tokens->rest.length == 0)
        return token;
    size_t length = measure(tokens->rest, tokens->standard_strings, &token.kind);
    token.raw = text_slice(tokens->rest, 0, length);
    tokens->rest = text_slice(tokens->rest, length, tokens->rest.length);
    return token;
}

Token token_peek(const Tokens *tokens) {
    Tokens ahead = *tokens;
    return token_next(&ahead);
}

bool token_is(const Token *token, const char *expected) {
    size_t length = strlen(expected);
    if (token->kind != TOKEN_WORD || token->raw.length != length)
        return false;
    for (size_t at = 0; at < length; at++)
        if (lexis_lower(token->raw.at[at]) != expected[at])
            return false;
    return true;
}

bool token_is_symbol(const Token *token, char symbol) {
    return token->kind == TOKEN_SYMBOL && token->raw.at[0] == symbol;
}

bool token_accept(Tokens *tokens, const char *expected) {
    Tokens ahead = *tokens;
    Token token = token_next(&ahead);
    if (!token_is(&token, expected))
        return false;
    *tokens = ahead;
    return true;
}

bool token_accept_symbol(Tokens *tokens, char symbol) {
    Tokens ahead = *tokens;
    Token token = token_next(&ahead);
    if (!token_is_symbol(&token, symbol))
        return false;
    *tokens = ahead;
    return true;
}

static int digit_value(char byte) {
    if (is_digit(byte))
        return byte - '0';
    char folded = lexis_lower(byte);
    return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/* Up to `most` digits of that base at `*at`; the number of digits read. */
static size_t digits(Text text, size_t *at, unsigned base, size_t most, uint32_t *out) {
    size_t count = 0;
    *out = 0;
    for (; count < most; count++, (*at)++) {
        int value = digit_value(peek(text, *at));
        if (value < 0 || (unsigned)value >= base || *at >= text.length)
            break;
        *out = *out * base + (unsigned)value;
    }
    return count;
}

static void put_utf8(Buf *out, uint32_t code) {
    char bytes[4];
    size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t at = count - 1; at > 0; at--, code >>= 6)
        bytes[at] = (char)(0x80 | (code & 0x3F));
    bytes[0] = (char)(lead[count] | (code & (count == 1 ? 0x7F : 0x1F)));
    buf_append(out, bytes, count);
}

/* What stands behind the backslash of an E'' string. */
static void put_escape(Buf *out, Text text, size_t *at) {
    static const char named[] = "b\bf\fn\nr\rt\tv\v";
    char byte = text.at[*at];
    uint32_t value;
    size_t digit = *at + 1;
    const char *found = strchr(named, byte);
    if (digit_value(byte) >= 0 && byte >= '0' && byte <= '7') {
        digits(text, at, 8, 3, &value);
        buf_byte(out, (char)value);
    } else if (byte == 'x' && digits(text, &digit, 16, 2, &value) > 0) {
        buf_byte(out, (char)value);
        *at = digit;
    } else if ((byte == 'u' || byte == 'U') && digits(text, &digit, 16, byte == 'u' ? 4 : 8, &value) > 0) {
        put_utf8(out, value & 0x1FFFFF);
        *at = digit;
    } else {
        buf_byte(out, found != NULL && byte != '\0' && (found - named) % 2 == 0 ? found[1] : byte);
        (*at)++;
    }
}

/* What stands behind the backslash of a U& string or name. */
static void put_unicode(Buf *out, Text text, size_t *at) {
    bool plus = peek(text, *at) == '+';
    size_t digit = *at + (plus ? 1 : 0), most = plus ? 6 : 4;
    uint32_t value;
    if (digits(text, &digit, 16, most, &value) == most) {
        put_utf8(out, value & 0x1FFFFF);
        *at = digit;
    } else {
        buf_byte(out, text.at[*at]);
        (*at)++;
    }
}

typedef enum Escapes { ESCAPES_NONE, ESCAPES_BACKSLASH, ESCAPES_UNICODE } Escapes;

static const char *unquote(Arena *arena, Text body, char quote, Escapes escapes) {
    Buf *out = buf_new(arena, body.length * 2 + 4);
    for (size_t at = 0; at < body.length;) {
        char byte = body.at[at++];
        if (byte == '\\' && escapes != ESCAPES_NONE && at < body.length) {
            (escapes == ESCAPES_BACKSLASH ? put_escape : put_unicode)(out, body, &at);
            continue;
        }
        if (byte == quote && peek(body, at) == quote)
            at++;
        buf_byte(out, byte);
    }
    return out->at;
}

static const char *lowered(Arena *arena, Text raw) {
    char *copy = text_dup(arena, raw);
    for (char *at = copy; *at != '\0'; at++)
        *at = lexis_lower(*at);
    return copy;
}

const char *token_value(Arena *arena, const Token *token, bool standard_strings) {
    Text raw = token->raw;
    if (token->kind == TOKEN_WORD)
        return lowered(arena, raw);
    if (token->kind != TOKEN_NAME && token->kind != TOKEN_STRING)
        return text_dup(arena, raw);
    size_t tag = dollar_tag(raw);
    if (tag > 0) {
        bool closed = raw.length >= 2 * tag && memcmp(raw.at, raw.at + raw.length - tag, tag) == 0;
        return text_dup(arena, text_slice(raw, tag, closed ? raw.length - tag : raw.length));
    }
    char first = lexis_lower(peek(raw, 0));
    bool bare = first == '\'' || first == '"';
    Escapes escapes = first == 'u'                                                             ? ESCAPES_UNICODE
                      : first == 'e' || (!standard_strings && (first == '\'' || first == 'n')) ? ESCAPES_BACKSLASH
                                                                                               : ESCAPES_NONE;
    size_t open = bare ? 0 : first == 'u' ? 2 : 1;
    char quote = peek(raw, open);
    bool closed = raw.length >= open + 2 && raw.at[raw.length - 1] == quote;
    return unquote(arena, text_slice(raw, open + 1, closed ? raw.length - 1 : raw.length), quote, escapes);
}
