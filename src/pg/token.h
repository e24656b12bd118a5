/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_TOKEN_H
#define LIFEBOAT_PG_TOKEN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/*
 * Tokens of one SQL statement that is whole in memory (pg/sql.h cuts scripts into statements). Reading allocates
 * nothing: a token borrows from the statement, token_value makes its meaning. A Tokens is small: copy it to look ahead,
 * assign it back to return. Any bytes are tokens of some kind; an unclosed quote ends with the statement.
 *
 * Fact source: src/backend/parser/scan.l.
 */
typedef enum TokenKind {
    TOKEN_END,
    TOKEN_WORD,   /* unquoted identifier or key word */
    TOKEN_NAME,   /* "quoted" or U&"quoted" identifier */
    TOKEN_STRING, /* 'x', E'x', U&'x', B'x', X'x', N'x', $tag$x$tag$ */
    TOKEN_NUMBER, /* digits, a fraction, an exponent; no sign */
    TOKEN_SYMBOL, /* any other single byte */
} TokenKind;

typedef struct Token {
    TokenKind kind;
    Text raw;    /* as written, quotes included */
    bool spaced; /* white space or a comment stands before it */
} Token;

typedef struct Tokens {
    Text rest;
    bool standard_strings;
} Tokens;

Tokens token_start(Text statement, bool standard_strings);
Token token_next(Tokens *tokens);
Token token_peek(const Tokens *tokens);

/* What the token means: an unquoted word in lower case, a quoted name or a string without quotes and escapes; the rest
 * as written. A NUL byte ends it. */
const char *token_value(Arena *arena, const Token *token, bool standard_strings);

/* The unquoted word, in any case; `word` in lower case. */
bool token_is(const Token *token, const char *word);
bool token_is_symbol(const Token *token, char symbol);

/* Moves past the word, or symbol, if it comes next. */
bool token_accept(Tokens *tokens, const char *word);
bool token_accept_symbol(Tokens *tokens, char symbol);

#endif
