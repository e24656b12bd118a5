/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_LEXIS_H
#define LIFEBOAT_PG_LEXIS_H

#include <stdbool.h>

/*
 * What a byte can be in SQL. Bytes from 0x80 on are letters, as in any server encoding that PostgreSQL has. Fact
 * source: the character classes of src/backend/parser/scan.l.
 */
typedef enum LexisClass {
    LEXIS_OTHER, /* operators, ':' '.' '[' ']', control characters */
    LEXIS_SPACE,
    LEXIS_NEWLINE, /* LF and CR */
    LEXIS_LETTER,  /* can start an identifier */
    LEXIS_DIGIT,
    LEXIS_QUOTE,
    LEXIS_NAME_QUOTE,
    LEXIS_OPEN,
    LEXIS_CLOSE,
    LEXIS_COMMA,
    LEXIS_SEMICOLON,
    LEXIS_MINUS,
    LEXIS_SLASH,
    LEXIS_DOLLAR, /* continues an identifier, starts a $tag$ */
    LEXIS_BACKSLASH,
} LexisClass;

extern const unsigned char lexis_classes[256];

static inline LexisClass lexis_class(char byte) {
    return (LexisClass)lexis_classes[(unsigned char)byte];
}

/* Part of an identifier behind its first byte. */
static inline bool lexis_in_word(char byte) {
    LexisClass class = lexis_class(byte);
    return class == LEXIS_LETTER || class == LEXIS_DIGIT || class == LEXIS_DOLLAR;
}

/* ASCII only: PostgreSQL folds other letters of unquoted names in some encodings, but pg_dump quotes such names. */
static inline char lexis_lower(char byte) {
    return (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
}

#endif
