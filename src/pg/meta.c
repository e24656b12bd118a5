/* SPDX-License-Identifier: PostgreSQL */
#include "pg/meta.h"

#include <string.h>

#include "base/buf.h"

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* One argument: bare, or in single or double quotes, in which a doubled quote stands for itself. */
static const char *read_argument(Arena *arena, Text *rest) {
    Buf *out = buf_new(arena, rest->length + 1);
    size_t at = 0;
    char quote = '\0';
    while (at < rest->length && is_blank(rest->at[at]))
        at++;
    for (; at < rest->length && (quote != '\0' || !is_blank(rest->at[at])); at++) {
        char byte = rest->at[at];
        bool opens = quote == '\0' && (byte == '"' || byte == '\''), closes = quote != '\0' && byte == quote;
        bool doubled = closes && at + 1 < rest->length && rest->at[at + 1] == quote;
        at += doubled ? 1 : 0;
        if (doubled || (!opens && !closes))
            buf_byte(out, byte);
        else
            quote = (char)(opens ? byte : '\0');
    }
    *rest = text_slice(*rest, at, rest->length);
    return out->at;
}

/* The value behind "dbname=" in a connection string; a backslash in it takes the next byte as it is. */
static const char *dbname_of(Arena *arena, const char *conninfo) {
    const char *at = conninfo + strlen("dbname=");
    bool quoted = *at == '\'';
    Buf *out = buf_new(arena, strlen(at) + 1);
    for (at += quoted ? 1 : 0; *at != '\0' && *at != (quoted ? '\'' : ' '); at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        buf_byte(out, *at);
    }
    return out->at;
}

static const char *read_database(Arena *arena, Text rest) {
    const char *argument = read_argument(arena, &rest);
    if (strncmp(argument, "-reuse-previous=", strlen("-reuse-previous=")) == 0)
        argument = read_argument(arena, &rest);
    if (argument[0] == '\0' || strcmp(argument, "-") == 0)
        return NULL;
    return strncmp(argument, "dbname=", strlen("dbname=")) == 0 ? dbname_of(arena, argument) : argument;
}

static bool is_one_of(const char *name, const char *const *names) {
    while (*names != NULL && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

/* psql runs what stands in backticks outside of quotes, whatever the command; \o with an argument writes it. */
static bool reaches(const char *name, Text arguments) {
    char quote = '\0';
    for (size_t at = 0; at < arguments.length; at++) {
        char byte = arguments.at[at];
        if (byte == '`' && quote == '\0')
            return true;
        if (quote == '\0' && (byte == '"' || byte == '\''))
            quote = byte;
        else if (byte == quote)
            quote = '\0';
    }
    bool output = strcmp(name, "o") == 0 || strcmp(name, "out") == 0;
    return output && text_trim(arguments).length > 0;
}

Meta meta_read(Arena *arena, Text line) {
    static const char *const harmless[] = {"restrict", "unrestrict", "set",      "unset", "encoding",   "echo", "qecho",
                                           "warn",     "timing",     "pset",     "t",     "a",          "x",    "o",
                                           "out",      "f",          "conninfo", "H",     "errverbose", NULL};
    static const char *const include[] = {"i", "include", "ir", "include_relative", "copy", "lo_import", NULL};
    static const char *const reach[] = {"w", "write", "s", "lo_export", "setenv", "cd", "e", "edit", "ef", "ev", NULL};
    size_t at = 1;
    while (at < line.length && ((line.at[at] >= 'a' && line.at[at] <= 'z') ||
                                (line.at[at] >= 'A' && line.at[at] <= 'Z') || line.at[at] == '_'))
        at++;
    bool ends = at >= line.length || is_blank(line.at[at]);
    Meta meta = {.kind = META_UNKNOWN, .name = text_dup(arena, text_slice(line, 1, at < 33 ? at : 33))};
    if (text_starts(line, "\\!"))
        meta.kind = META_REACHES;
    if (line.length == 0 || line.at[0] != '\\' || !ends)
        return meta;
    Text arguments = text_slice(line, at, line.length);
    if (is_one_of(meta.name, reach) || reaches(meta.name, arguments)) {
        meta.kind = META_REACHES;
    } else if (strcmp(meta.name, "connect") == 0 || strcmp(meta.name, "c") == 0) {
        meta.kind = META_CONNECT;
        meta.database = read_database(arena, arguments);
    } else if (is_one_of(meta.name, harmless)) {
        meta.kind = META_HARMLESS;
    } else if (is_one_of(meta.name, include)) {
        meta.kind = META_INCLUDE;
    }
    return meta;
}
