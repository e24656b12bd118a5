/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "inventory/ddl_parts.h"
#include "pg/identifier.h"

bool ddl_name_read(Ddl *ddl, Tokens *tokens, const char **out) {
    Tokens ahead = *tokens;
    Token token = token_next(&ahead);
    if (token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
        return false;
    *out = token_value(ddl->work, &token, ddl->standard_strings);
    *tokens = ahead;
    return true;
}

bool ddl_name_qualified(Ddl *ddl, Tokens *tokens, DdlName *out) {
    *out = (DdlName){0};
    if (!ddl_name_read(ddl, tokens, &out->name))
        return false;
    while (token_accept_symbol(tokens, '.')) {
        out->schema = out->name;
        if (!ddl_name_read(ddl, tokens, &out->name))
            return false;
    }
    return true;
}

void ddl_name_resolve_new(Ddl *ddl, DdlName *name) {
    if (name->schema != NULL)
        return;
    if (ddl->entry_schema != NULL && ddl->entry_schema[0] != '\0')
        name->schema = ddl->entry_schema;
    else
        name->schema = ddl->path.count > 0 ? ddl->path.items[0] : "public";
}

void ddl_name_resolve(Ddl *ddl, DdlName *name) {
    for (size_t at = 0; name->schema == NULL && at < ddl->path.count; at++)
        if (ddl_relation_find(ddl, ddl->path.items[at], name->name) != NULL)
            name->schema = ddl->path.items[at];
    ddl_name_resolve_new(ddl, name);
}

bool ddl_name_in_string(Ddl *ddl, const Token *string, DdlName *out) {
    *out = (DdlName){0};
    if (string->kind != TOKEN_STRING)
        return false;
    Tokens tokens = token_start(text_of(token_value(ddl->work, string, ddl->standard_strings)), true);
    return ddl_name_qualified(ddl, &tokens, out) && token_peek(&tokens).kind == TOKEN_END;
}

void ddl_name_skip_exists(Tokens *tokens) {
    if (token_accept(tokens, "if")) {
        token_accept(tokens, "not");
        token_accept(tokens, "exists");
    }
    token_accept(tokens, "only");
}

void ddl_name_close(Tokens *tokens) {
    for (size_t depth = 1; depth > 0;) {
        Token token = token_next(tokens);
        if (token.kind == TOKEN_END)
            return;
        depth += token_is_symbol(&token, '(') ? 1 : 0;
        depth -= token_is_symbol(&token, ')') ? 1 : 0;
    }
}

void ddl_name_skip_item(Tokens *tokens) {
    for (;;) {
        Tokens ahead = *tokens;
        Token token = token_next(&ahead);
        if (token.kind == TOKEN_END || token_is_symbol(&token, ',') || token_is_symbol(&token, ')'))
            return;
        *tokens = ahead;
        if (token_is_symbol(&token, '('))
            ddl_name_close(tokens);
    }
}

/* Stand-ins for roles, which need not exist. */
static bool is_pseudo_role(const Token *token) {
    return token_is(token, "public") || token_is(token, "current_user") || token_is(token, "session_user") ||
           token_is(token, "current_role") || token_is(token, "none") || token_is(token, "default");
}

void ddl_name_roles(Ddl *ddl, Tokens *tokens) {
    do {
        token_accept(tokens, "group");
        Token token = token_peek(tokens);
        const char *role;
        if (!ddl_name_read(ddl, tokens, &role))
            return;
        /* PUBLIC is not reserved: fmtId never quotes it, and no role can be called so. */
        if (!is_pseudo_role(&token) && strcmp(role, "public") != 0)
            ddl_add_reference(ddl, role);
    } while (token_accept_symbol(tokens, ','));
}
