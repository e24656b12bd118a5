/* SPDX-License-Identifier: PostgreSQL */
#include "format/script_guess.h"

#include <string.h>

#include "pg/banner.h"
#include "pg/meta.h"
#include "pg/token.h"

/* Words that may stand behind the first word of a statement; "*" is any word with the given symbol behind it. */
static const struct {
    const char *first;
    const char *next[24];
} statements[] = {
    {"create", {"table", "schema",   "extension",    "type",      "function",    "sequence", "role",   "database",
                "or",    "unlogged", "domain",       "view",      "user",        "group",    "index",  "unique",
                "event", "foreign",  "materialized", "procedure", "publication", "policy",   "trigger"}},
    {"alter",
     {"table", "schema", "role", "database", "default", "only", "type", "function", "sequence", "user", "system",
      "view", "extension", "domain", "publication", "event", "materialized", "foreign"}},
    {"drop",
     {"table", "schema", "database", "extension", "type", "function", "sequence", "role", "index", "view", "policy",
      "trigger", "publication", "event", "owned", "materialized", "domain"}},
    {"insert", {"into"}},
    {"comment", {"on"}},
    {"truncate", {"table", "only"}},
    {"start", {"transaction"}},
    {"reset", {"all", "role", "session"}},
};

static bool is_symbol_next(const Tokens *rest, char symbol) {
    Token token = token_peek(rest);
    return token_is_symbol(&token, symbol);
}

/* SET name { = | TO } value, SET SESSION AUTHORIZATION, SET TIME ZONE */
static bool reads_set(Tokens rest) {
    if (token_accept(&rest, "session") || token_accept(&rest, "local"))
        return token_peek(&rest).kind == TOKEN_WORD;
    Token name = token_next(&rest);
    while (is_symbol_next(&rest, '.')) {
        token_next(&rest);
        token_next(&rest);
    }
    return (name.kind == TOKEN_WORD || name.kind == TOKEN_NAME) &&
           (is_symbol_next(&rest, '=') || token_accept(&rest, "to") || token_is(&name, "role"));
}

/* SELECT pg_catalog.f(...), SELECT f(...) */
static bool reads_select(Tokens rest) {
    token_next(&rest);
    while (token_accept_symbol(&rest, '.'))
        token_next(&rest);
    return is_symbol_next(&rest, '(');
}

/* COPY name [(...)] FROM stdin */
static bool reads_copy(Tokens rest) {
    token_next(&rest);
    while (token_accept_symbol(&rest, '.'))
        token_next(&rest);
    return is_symbol_next(&rest, '(') || token_accept(&rest, "from") || token_accept(&rest, "with");
}

static bool reads_as_statement(Text text) {
    Tokens rest = token_start(text, true);
    Token first = token_next(&rest);
    if (token_is(&first, "set"))
        return reads_set(rest);
    if (token_is(&first, "select"))
        return reads_select(rest);
    if (token_is(&first, "copy"))
        return reads_copy(rest);
    if (token_is(&first, "begin") || token_is(&first, "do"))
        return is_symbol_next(&rest, ';') || token_peek(&rest).kind == TOKEN_STRING;
    for (size_t at = 0; at < sizeof(statements) / sizeof(statements[0]); at++) {
        if (!token_is(&first, statements[at].first))
            continue;
        Token next = token_next(&rest);
        for (size_t word = 0; word < 24 && statements[at].next[word] != NULL; word++)
            if (token_is(&next, statements[at].next[word]))
                return true;
    }
    return false;
}

static bool is_banner(Text line) {
    Banner banner = banner_read(line);
    return banner.kind == BANNER_DUMP_BEGINS || banner.kind == BANNER_CLUSTER_BEGINS ||
           banner.kind == BANNER_SERVER_VERSION;
}

static bool is_command(Text line) {
    Arena *arena = arena_new();
    MetaKind kind = meta_read(arena, line).kind;
    arena_free(arena);
    return kind == META_CONNECT || kind == META_HARMLESS;
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

typedef struct Stranger {
    const char *begins;
    size_t length;
    const char *what;
    bool other;
} Stranger;

#define BEGINS(bytes) bytes, sizeof(bytes) - 1

static const Stranger strangers[] = {
    {BEGINS("\xFF\xFE"), "text in UTF-16, as PowerShell's > writes it: psql cannot read it (use pg_dump -f)", false},
    {BEGINS("\xFE\xFF"), "text in UTF-16: psql cannot read it", false},
    {BEGINS("pg_dump: "), "an error message of pg_dump: the dump failed", false},
    {BEGINS("pg_dumpall: "), "an error message of pg_dumpall: the dump failed", false},
    {BEGINS("psql: "), "an error message of psql", false},
    {BEGINS("<!DOCTYPE"), "an HTML page: the download failed", false},
    {BEGINS("<!doctype"), "an HTML page: the download failed", false},
    {BEGINS("<html"), "an HTML page: the download failed", false},
    {BEGINS("<?xml"), "an XML document, perhaps the error message of a storage service", false},
    {BEGINS("{"), "a JSON document, perhaps the error message of a service", false},
    {BEGINS("-- MySQL dump"), "a dump of MySQL", false},
    {BEGINS("-- MariaDB dump"), "a dump of MariaDB", false},
    {BEGINS("PRAGMA foreign_keys"), "a dump of SQLite", false},
    {BEGINS("SQLite format 3"), "a database file of SQLite", false},
    {BEGINS("-----BEGIN PGP MESSAGE"), "encrypted (PGP)", true},
    {BEGINS("age-encryption.org/"), "encrypted (age)", true},
    {BEGINS("-----BEGIN AGE ENCRYPTED"), "encrypted (age)", true},
    {BEGINS("Salted__"), "encrypted (openssl enc)", true},
    {BEGINS("\x85\x02"), "probably encrypted (PGP)", true},
    {BEGINS("\x84\x5E"), "probably encrypted (PGP)", true},
    {BEGINS("\x8C\x0D"), "probably encrypted (PGP)", true},
    {BEGINS("BZh"), "compressed with bzip2", true},
    {BEGINS("\xFD"
            "7zXZ"),
     "compressed with xz", true},
    {BEGINS("7z\xBC\xAF"), "a 7-Zip archive", true},
    {BEGINS("PK\x03\x04"), "a ZIP archive", true},
    {BEGINS("Rar!"), "a RAR archive", true},
};

const char *script_guess_stranger(Text head, bool *other) {
    *other = false;
    for (size_t at = 0; at < sizeof(strangers) / sizeof(strangers[0]); at++) {
        const Stranger *stranger = &strangers[at];
        if (head.length < stranger->length || memcmp(head.at, stranger->begins, stranger->length) != 0)
            continue;
        *other = stranger->other;
        return stranger->what;
    }
    return NULL;
}

bool script_guess(Text head) {
    static const char mark[] = "\xEF\xBB\xBF";
    Text rest = text_starts(head, mark) ? text_slice(head, strlen(mark), head.length) : head;
    bool other;
    if (script_guess_stranger(head, &other) != NULL)
        return false;
    while (rest.length > 0) {
        if (is_blank(rest.at[0])) {
            rest = text_slice(rest, 1, rest.length);
            continue;
        }
        Text behind, line = text_cut(rest, '\n', &behind);
        if (memchr(line.at, '\0', line.length) != NULL)
            return false;
        if (line.at[0] == '\\')
            return is_command(text_trim(line));
        if (!text_starts(line, "--"))
            return reads_as_statement(rest);
        if (is_banner(line))
            return true;
        rest = behind;
    }
    return false;
}
