/* SPDX-License-Identifier: PostgreSQL */
#include "inventory/ddl_parts.h"

/* Moves to that word outside of parentheses and behind it; false at the end of the statement. */
static bool move_behind(Tokens *tokens, const char *word, bool *on) {
    for (Token token = token_next(tokens); token.kind != TOKEN_END; token = token_next(tokens)) {
        if (token_is(&token, word))
            return true;
        if (token_is_symbol(&token, '('))
            ddl_name_close(tokens);
        *on = *on || token_is(&token, "on");
    }
    return false;
}

/* GRANT privileges ON things TO roles, GRANT roles TO roles, either with GRANTED BY role; REVOKE likewise. */
void ddl_role_grant(Ddl *ddl, Tokens *tokens, const char *before_roles) {
    Tokens members = *tokens;
    bool on = false;
    if (!move_behind(tokens, before_roles, &on))
        return;
    ddl_name_roles(ddl, tokens);
    if (!on) {
        Tokens ahead = members; /* GRANT | ADMIN | INHERIT | SET OPTION FOR */
        token_next(&ahead);
        if (token_accept(&ahead, "option") && token_accept(&ahead, "for"))
            members = ahead;
        ddl_name_roles(ddl, &members);
    }
    if (move_behind(tokens, "granted", &on) && token_accept(tokens, "by"))
        ddl_name_roles(ddl, tokens);
}

void ddl_role_create(Ddl *ddl, Tokens *tokens) {
    const char *name;
    if (ddl_name_read(ddl, tokens, &name))
        inventory_role(ddl->inventory, name)->defined = true;
}
