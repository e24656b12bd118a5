/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/buf.h"
#include "inventory/ddl_parts.h"
#include "pg/identifier.h"

enum { SIGNATURE_MAXIMUM = 1 << 16 };

/* What people write for the types that format_type spells as the SQL standard does. */
static const char *standard_name(const char *name) {
    static const char *const aliases[][2] = {
        {"int", "integer"},
        {"int4", "integer"},
        {"int2", "smallint"},
        {"int8", "bigint"},
        {"float4", "real"},
        {"float8", "double precision"},
        {"float", "double precision"},
        {"bool", "boolean"},
        {"decimal", "numeric"},
        {"dec", "numeric"},
        {"varchar", "character varying"},
        {"bpchar", "character"},
        {"varbit", "bit varying"},
        {"timestamp", "timestamp without time zone"},
        {"timestamptz", "timestamp with time zone"},
        {"time", "time without time zone"},
        {"timetz", "time with time zone"},
    };
    for (size_t at = 0; at < sizeof(aliases) / sizeof(aliases[0]); at++)
        if (strcmp(name, aliases[at][0]) == 0)
            return aliases[at][1];
    return NULL;
}

static void skip_modifier(Tokens *tokens) {
    if (token_accept_symbol(tokens, '('))
        ddl_name_close(tokens);
}

/* Behind "timestamp" or "time". */
static const char *time_type(Ddl *ddl, Tokens *tokens, const char *name) {
    skip_modifier(tokens);
    bool with = token_accept(tokens, "with");
    if (with || token_accept(tokens, "without")) {
        token_accept(tokens, "time");
        token_accept(tokens, "zone");
    }
    return arena_printf(ddl->work, "%s %s time zone", name, with ? "with" : "without");
}

static const char *interval_type(Tokens *tokens) {
    static const char *const fields[] = {"year", "month", "day", "hour", "minute", "second", "to"};
    for (size_t at = 0; at < sizeof(fields) / sizeof(fields[0]);)
        at = token_accept(tokens, fields[at]) ? 0 : at + 1;
    skip_modifier(tokens);
    return "interval";
}

/* Types of several words, and those with words behind their modifier. NULL when the word begins none: it is not read.
 */
static const char *worded_type(Ddl *ddl, Tokens *tokens) {
    Tokens ahead = *tokens;
    const char *type = NULL;
    if (token_accept(&ahead, "double") && token_accept(&ahead, "precision"))
        type = "double precision";
    ahead = type == NULL ? *tokens : ahead;
    if (type == NULL && (token_accept(&ahead, "timestamp") || token_accept(&ahead, "time"))) {
        Token first = token_peek(tokens);
        type = time_type(ddl, &ahead, token_is(&first, "time") ? "time" : "timestamp");
    }
    if (type == NULL && token_accept(&ahead, "interval"))
        type = interval_type(&ahead);
    bool national = type == NULL && token_accept(&ahead, "national");
    if (type == NULL && (token_accept(&ahead, "character") || token_accept(&ahead, "char") ||
                         (!national && token_accept(&ahead, "nchar"))))
        type = token_accept(&ahead, "varying") ? "character varying" : "character";
    if (type == NULL && !national && token_accept(&ahead, "bit"))
        type = token_accept(&ahead, "varying") ? "bit varying" : "bit";
    if (type != NULL)
        *tokens = ahead;
    return type;
}

static const char *plain_type(Ddl *ddl, Tokens *tokens) {
    Token first = token_peek(tokens);
    DdlName name;
    if (!ddl_name_qualified(ddl, tokens, &name))
        return NULL;
    bool catalog = name.schema != NULL && strcmp(name.schema, "pg_catalog") == 0;
    const char *standard = name.schema == NULL || catalog ? standard_name(name.name) : NULL;
    if (standard != NULL)
        return standard;
    /* SQL's own spellings are key words, which quote_identifier would quote. */
    static const char *const bare[] = {"integer", "smallint", "bigint", "real", "boolean", "numeric"};
    for (size_t at = 0; first.kind == TOKEN_WORD && at < sizeof(bare) / sizeof(bare[0]); at++)
        if (token_is(&first, bare[at]))
            return bare[at];
    const char *quoted = identifier_quote(ddl->work, name.name);
    if (name.schema == NULL || catalog)
        return quoted;
    return arena_printf(ddl->work, "%s.%s", identifier_quote(ddl->work, name.schema), quoted);
}

const char *ddl_type_read(Ddl *ddl, Tokens *tokens) {
    token_accept(tokens, "setof");
    const char *type = worded_type(ddl, tokens);
    if (type == NULL)
        type = plain_type(ddl, tokens);
    if (type == NULL)
        return NULL;
    skip_modifier(tokens);
    bool array = token_accept(tokens, "array");
    while (token_accept_symbol(tokens, '[')) {
        array = true;
        Token size = token_peek(tokens);
        if (size.kind == TOKEN_NUMBER)
            token_next(tokens);
        if (!token_accept_symbol(tokens, ']'))
            break;
    }
    return array ? arena_printf(ddl->work, "%s[]", type) : type;
}

static bool ends_argument(const Token *token) {
    return token->kind == TOKEN_END || token_is_symbol(token, ',') || token_is_symbol(token, ')') ||
           token_is_symbol(token, '=') || token_is(token, "default") || token_is(token, "order");
}

/* "integer", "a integer": the name is what stands before the last type that can be read. */
static const char *argument_type(Ddl *ddl, Tokens *tokens) {
    Tokens alone = *tokens;
    const char *type = ddl_type_read(ddl, &alone);
    Token behind = token_peek(&alone);
    if (type != NULL && ends_argument(&behind)) {
        *tokens = alone;
        return type;
    }
    const char *name;
    return ddl_name_read(ddl, tokens, &name) ? ddl_type_read(ddl, tokens) : NULL;
}

/* One argument up to its comma. False when it is not understood. */
static bool argument(Ddl *ddl, Tokens *tokens, Buf *out) {
    bool out_only = token_accept(tokens, "out"), variadic = token_accept(tokens, "variadic");
    if (!out_only && !variadic && !token_accept(tokens, "inout") && token_accept(tokens, "in"))
        token_accept(tokens, "out");
    const char *type = argument_type(ddl, tokens);
    if (type == NULL)
        return false;
    if (!out_only)
        buf_printf(out, "%s%s", out->length > 1 ? ", " : "", type);
    Token behind = token_peek(tokens);
    if (token_accept(tokens, "order")) { /* of an ordered-set aggregate: further arguments */
        token_accept(tokens, "by");
        /* After a variadic one comes the same once more: the catalogue keeps it once (makeOrderedSetArgs in gram.y). */
        return argument(ddl, tokens, variadic ? buf_new(ddl->work, SIGNATURE_MAXIMUM) : out);
    }
    if (!token_is_symbol(&behind, ',') && !token_is_symbol(&behind, ')'))
        ddl_name_skip_item(tokens);
    return true;
}

bool ddl_type_signature(Ddl *ddl, Tokens *tokens, const char **out) {
    if (!token_accept_symbol(tokens, '('))
        return false;
    Buf *buf = buf_new(ddl->work, SIGNATURE_MAXIMUM);
    buf_byte(buf, '(');
    if (token_accept_symbol(tokens, '*')) {
        buf_byte(buf, '*');
    } else {
        Token first = token_peek(tokens);
        bool more = !token_is_symbol(&first, ')');
        while (more) {
            if (!argument(ddl, tokens, buf))
                return false;
            more = token_accept_symbol(tokens, ',');
        }
    }
    buf_byte(buf, ')');
    *out = buf->at;
    return token_accept_symbol(tokens, ')') && !buf->full;
}
