/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "inventory/ddl_parts.h"

/* Moves behind the last OWNER TO of the statement and reads the role. */
static bool read_new_owner(Ddl *ddl, Tokens *tokens, const char **role) {
    for (Token token = token_next(tokens); token.kind != TOKEN_END; token = token_next(tokens)) {
        if (token_is_symbol(&token, '('))
            ddl_name_close(tokens);
        if (!token_is(&token, "owner") || !token_accept(tokens, "to"))
            continue;
        Token name = token_peek(tokens);
        ddl_name_roles(ddl, &(Tokens){tokens->rest, tokens->standard_strings});
        return !token_is(&name, "current_user") && !token_is(&name, "session_user") &&
               !token_is(&name, "current_role") && ddl_name_read(ddl, tokens, role);
    }
    return false;
}

/* ALTER TABLE is also how older pg_dump gives views and sequences their owner. */
static void alter_relation(Ddl *ddl, Tokens *tokens) {
    DdlName name;
    ddl_name_skip_exists(tokens);
    if (!ddl_name_qualified(ddl, tokens, &name))
        return;
    token_accept_symbol(tokens, '*');
    ddl_name_resolve(ddl, &name);
    Tokens ahead = *tokens;
    const char *role;
    if (token_accept(&ahead, "owner") && read_new_owner(ddl, tokens, &role)) {
        const DdlRelation *relation = ddl_relation_find(ddl, name.schema, name.name);
        if (relation != NULL)
            ddl_add_owner(ddl, relation->kind, name.schema, name.name, role);
        return;
    }
    do {
        ddl_table_action(ddl, tokens, name);
        ddl_name_skip_item(tokens);
    } while (token_accept_symbol(tokens, ','));
}

static void alter_named(Ddl *ddl, Tokens *tokens, const DdlKind *kind) {
    DdlName name;
    const char *role, *arguments;
    if (!ddl_name_qualified(ddl, tokens, &name))
        return;
    if (kind->shape == DDL_SHAPE_ROUTINE && ddl_type_signature(ddl, tokens, &arguments))
        name.name = arena_printf(ddl->work, "%s%s", name.name, arguments);
    if (kind->shape == DDL_SHAPE_GLOBAL)
        name.schema = "";
    else
        ddl_name_resolve_new(ddl, &name);
    if (read_new_owner(ddl, tokens, &role))
        ddl_add_owner(ddl, kind->kind, name.schema, name.name, role);
}

/* ALTER DEFAULT PRIVILEGES [FOR ROLE roles] [IN SCHEMA ...] GRANT ... TO roles | REVOKE ... FROM roles */
static void alter_default_privileges(Ddl *ddl, Tokens *tokens) {
    if (token_accept(tokens, "for") && (token_accept(tokens, "role") || token_accept(tokens, "user")))
        ddl_name_roles(ddl, tokens);
    for (Token token = token_next(tokens); token.kind != TOKEN_END; token = token_next(tokens)) {
        if (token_is(&token, "grant") || token_is(&token, "revoke")) {
            ddl_role_grant(ddl, tokens, token_is(&token, "grant") ? "to" : "from");
            return;
        }
    }
}

void ddl_alter_statement(Ddl *ddl, Tokens *tokens) {
    const char *role;
    const DdlKind *kind = ddl_kind_read(tokens);
    if (kind == NULL)
        return;
    if (strcmp(kind->kind, "DEFAULT PRIVILEGES") == 0)
        alter_default_privileges(ddl, tokens);
    else if (strcmp(kind->kind, "ROLE") == 0)
        ddl_name_roles(ddl, tokens);
    else if (kind->shape == DDL_SHAPE_RELATION)
        alter_relation(ddl, tokens);
    else if (kind->shape == DDL_SHAPE_OTHER || kind->shape == DDL_SHAPE_OPERATOR)
        read_new_owner(ddl, tokens, &role);
    else
        alter_named(ddl, tokens, kind);
}
