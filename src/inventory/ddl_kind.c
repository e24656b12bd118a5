/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "inventory/ddl_parts.h"

/* What begins like another stands before it. */
static const DdlKind kinds[] = {
    {"table", "TABLE", DDL_SHAPE_RELATION},
    {"foreign table", "FOREIGN TABLE", DDL_SHAPE_RELATION},
    {"view", "VIEW", DDL_SHAPE_RELATION},
    {"materialized view", "MATERIALIZED VIEW", DDL_SHAPE_RELATION},
    {"sequence", "SEQUENCE", DDL_SHAPE_RELATION},
    {"index", "INDEX", DDL_SHAPE_OTHER},
    {"type", "TYPE", DDL_SHAPE_SCHEMA},
    {"domain", "DOMAIN", DDL_SHAPE_SCHEMA},
    {"schema", "SCHEMA", DDL_SHAPE_GLOBAL},
    {"extension", "EXTENSION", DDL_SHAPE_OTHER},
    {"function", "FUNCTION", DDL_SHAPE_ROUTINE},
    {"procedure", "PROCEDURE", DDL_SHAPE_ROUTINE},
    {"aggregate", "AGGREGATE", DDL_SHAPE_ROUTINE},
    {"policy", "POLICY", DDL_SHAPE_OTHER},
    {"trigger", "TRIGGER", DDL_SHAPE_OTHER},
    {"rule", "RULE", DDL_SHAPE_OTHER},
    {"event trigger", "EVENT TRIGGER", DDL_SHAPE_GLOBAL},
    {"foreign data wrapper", "FOREIGN DATA WRAPPER", DDL_SHAPE_GLOBAL},
    {"server", "SERVER", DDL_SHAPE_GLOBAL},
    {"user mapping", "USER MAPPING", DDL_SHAPE_OTHER},
    {"publication", "PUBLICATION", DDL_SHAPE_GLOBAL},
    {"subscription", "SUBSCRIPTION", DDL_SHAPE_GLOBAL},
    {"access method", "ACCESS METHOD", DDL_SHAPE_GLOBAL},
    {"procedural language", "PROCEDURAL LANGUAGE", DDL_SHAPE_GLOBAL},
    {"language", "PROCEDURAL LANGUAGE", DDL_SHAPE_GLOBAL},
    {"collation", "COLLATION", DDL_SHAPE_SCHEMA},
    {"conversion", "CONVERSION", DDL_SHAPE_SCHEMA},
    {"statistics", "STATISTICS", DDL_SHAPE_SCHEMA},
    {"text search configuration", "TEXT SEARCH CONFIGURATION", DDL_SHAPE_SCHEMA},
    {"text search dictionary", "TEXT SEARCH DICTIONARY", DDL_SHAPE_SCHEMA},
    {"text search parser", "TEXT SEARCH PARSER", DDL_SHAPE_SCHEMA},
    {"text search template", "TEXT SEARCH TEMPLATE", DDL_SHAPE_SCHEMA},
    {"operator class", "OPERATOR CLASS", DDL_SHAPE_SCHEMA},
    {"operator family", "OPERATOR FAMILY", DDL_SHAPE_SCHEMA},
    {"operator", "OPERATOR", DDL_SHAPE_OPERATOR},
    {"cast", "CAST", DDL_SHAPE_OTHER},
    {"transform", "TRANSFORM", DDL_SHAPE_OTHER},
    {"role", "ROLE", DDL_SHAPE_OTHER},
    {"user", "ROLE", DDL_SHAPE_OTHER},
    {"group", "ROLE", DDL_SHAPE_OTHER},
    {"database", "DATABASE", DDL_SHAPE_OTHER},
    {"tablespace", "TABLESPACE", DDL_SHAPE_OTHER},
    {"large object", "LARGE OBJECT", DDL_SHAPE_OTHER},
    {"default privileges", "DEFAULT PRIVILEGES", DDL_SHAPE_OTHER},
};

static bool accept_words(Tokens *tokens, const char *words) {
    Tokens ahead = *tokens;
    char word[32];
    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        memcpy(word, words, length);
        word[length] = '\0';
        if (!token_accept(&ahead, word))
            return false;
        words += length + (words[length] == ' ' ? 1 : 0);
    }
    *tokens = ahead;
    return true;
}

const DdlKind *ddl_kind_read(Tokens *tokens) {
    for (size_t at = 0; at < sizeof(kinds) / sizeof(kinds[0]); at++)
        if (accept_words(tokens, kinds[at].words))
            return &kinds[at];
    return NULL;
}
