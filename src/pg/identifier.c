/* SPDX-License-Identifier: PostgreSQL */
#include "pg/identifier.h"

#include <stdlib.h>
#include <string.h>

/* Every key word that is not UNRESERVED_KEYWORD in src/include/parser/kwlist.h of PostgreSQL 9.6 to 18, sorted. */
static const char *const reserved[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

static int compare_words(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_start(unsigned char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || byte >= 0x80;
}

static bool is_part(unsigned char byte) {
    return is_start(byte) || (byte >= '0' && byte <= '9') || byte == '$';
}

/* quote_identifier leaves only a-z, digits and underscore bare: not even $ or a letter with an accent. */
static bool needs_quotes(const char *name) {
    if (!((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_'))
        return true;
    for (const char *at = name; *at != '\0'; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '_'))
            return true;
    return bsearch(&name, reserved, sizeof(reserved) / sizeof(reserved[0]), sizeof(reserved[0]), compare_words) != NULL;
}

const char *identifier_always_quote(Arena *arena, const char *name) {
    size_t length = strlen(name);
    char *out = arena_array(arena, length + 2, 2); /* every byte could be a quote */
    size_t used = 0;
    out[used++] = '"';
    for (size_t at = 0; at < length; at++) {
        if (name[at] == '"')
            out[used++] = '"';
        out[used++] = name[at];
    }
    out[used++] = '"';
    out[used] = '\0';
    return out;
}

const char *identifier_quote(Arena *arena, const char *name) {
    return needs_quotes(name) ? identifier_always_quote(arena, name) : name;
}

static bool read_quoted(Arena *arena, Text *rest, const char **out) {
    char *name = arena_alloc(arena, rest->length);
    size_t used = 0;
    for (size_t at = 1; at < rest->length; at++) {
        if (rest->at[at] == '"' && (at + 1 >= rest->length || rest->at[at + 1] != '"')) {
            *rest = text_slice(*rest, at + 1, rest->length);
            *out = name;
            return used > 0;
        }
        if (rest->at[at] == '"')
            at++;
        name[used++] = rest->at[at];
    }
    return false;
}

bool identifier_read(Arena *arena, Text *rest, const char **out, bool *quoted) {
    *quoted = rest->length > 0 && rest->at[0] == '"';
    if (*quoted)
        return read_quoted(arena, rest, out);
    if (rest->length == 0 || !is_start((unsigned char)rest->at[0]))
        return false;
    size_t end = 1;
    while (end < rest->length && is_part((unsigned char)rest->at[end]))
        end++;
    char *name = arena_strndup(arena, rest->at, end);
    for (size_t at = 0; at < end; at++)
        if (name[at] >= 'A' && name[at] <= 'Z')
            name[at] = (char)(name[at] - 'A' + 'a');
    *rest = text_slice(*rest, end, rest->length);
    *out = name;
    return true;
}
