/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/buf.h"
#include "inventory/ddl_parts.h"

/* Moves behind that word outside of parentheses. */
static bool move_behind(Tokens *tokens, const char *word) {
    for (Token token = token_next(tokens); token.kind != TOKEN_END; token = token_next(tokens)) {
        if (token_is(&token, word))
            return true;
        if (token_is_symbol(&token, '('))
            ddl_name_close(tokens);
    }
    return false;
}

static void create_extension(Ddl *ddl, Tokens *tokens) {
    const char *name, *schema = "", *version = "";
    if (!ddl_name_read(ddl, tokens, &name))
        return;
    Tokens ahead = *tokens;
    if (move_behind(&ahead, "schema"))
        ddl_name_read(ddl, &ahead, &schema);
    if (move_behind(tokens, "version")) {
        Token token = token_next(tokens);
        version = token.kind == TOKEN_END ? "" : token_value(ddl->work, &token, ddl->standard_strings);
    }
    if (ddl_relation_find(ddl, "", name) != NULL) /* no relation is in schema "": it is the extensions' place */
        return;
    ddl_relation_add(ddl, "EXTENSION", "", name);
    Arena *arena = ddl->inventory->arena;
    *LIST_PUSH(arena, ddl->inventory->extensions) = (InventoryExtension){.database = ddl->database,
                                                                         .name = arena_strdup(arena, name),
                                                                         .schema = arena_strdup(arena, schema),
                                                                         .version = arena_strdup(arena, version)};
    ddl_add_object(ddl, "EXTENSION", "", "", name);
}

/* CREATE SCHEMA name [AUTHORIZATION role], CREATE SCHEMA AUTHORIZATION role */
static void create_schema(Ddl *ddl, Tokens *tokens) {
    const char *name = NULL, *owner = NULL;
    Token first = token_peek(tokens);
    if (!token_is(&first, "authorization"))
        ddl_name_read(ddl, tokens, &name);
    if (token_accept(tokens, "authorization") && ddl_name_read(ddl, tokens, &owner))
        ddl_add_reference(ddl, owner);
    if (name == NULL)
        name = owner;
    if (name == NULL)
        return;
    ddl_add_object(ddl, "SCHEMA", "", "", name);
    if (owner != NULL)
        ddl_add_owner(ddl, "SCHEMA", "", name, owner);
}

/* A thing on a table: its own name stands in front, the table behind `word`. */
static bool read_on_table(Ddl *ddl, Tokens *tokens, const char *word, const char **name, DdlName *table) {
    if (!ddl_name_read(ddl, tokens, name) || !move_behind(tokens, word))
        return false;
    token_accept(tokens, "only");
    if (!ddl_name_qualified(ddl, tokens, table))
        return false;
    ddl_name_resolve(ddl, table);
    return true;
}

static void create_on_table(Ddl *ddl, Tokens *tokens, const char *kind, const char *word) {
    const char *name;
    DdlName table;
    if (read_on_table(ddl, tokens, word, &name, &table))
        ddl_add_object(ddl, kind, table.schema, table.name, name);
}

static void create_index(Ddl *ddl, Tokens *tokens) {
    token_accept(tokens, "concurrently");
    ddl_name_skip_exists(tokens);
    create_on_table(ddl, tokens, "INDEX", "on");
}

static void create_trigger(Ddl *ddl, Tokens *tokens) {
    create_on_table(ddl, tokens, "TRIGGER", "on");
}

/* CREATE POLICY name ON table [AS ...] [FOR ...] [TO roles] [USING ...] [WITH CHECK ...] */
static void create_policy(Ddl *ddl, Tokens *tokens) {
    const char *name;
    DdlName table;
    if (!read_on_table(ddl, tokens, "on", &name, &table))
        return;
    ddl_add_object(ddl, "POLICY", table.schema, table.name, name);
    if (move_behind(tokens, "to"))
        ddl_name_roles(ddl, tokens);
}

static void create_rule(Ddl *ddl, Tokens *tokens) {
    const char *name;
    DdlName table;
    /* _RETURN is the view itself, written so where views and tables depend on each other in a circle. */
    if (read_on_table(ddl, tokens, "to", &name, &table) && strcmp(name, "_RETURN") != 0)
        ddl_add_object(ddl, "RULE", table.schema, table.name, name);
}

static void create_cast(Ddl *ddl, Tokens *tokens) {
    if (!token_accept_symbol(tokens, '('))
        return;
    const char *from = ddl_type_read(ddl, tokens);
    const char *to = from != NULL && token_accept(tokens, "as") ? ddl_type_read(ddl, tokens) : NULL;
    if (to != NULL)
        ddl_add_object(ddl, "CAST", "", "", arena_printf(ddl->work, "CAST (%s AS %s)", from, to));
}

static void create_transform(Ddl *ddl, Tokens *tokens) {
    const char *language;
    token_accept(tokens, "for");
    const char *type = ddl_type_read(ddl, tokens);
    if (type != NULL && token_accept(tokens, "language") && ddl_name_read(ddl, tokens, &language))
        ddl_add_object(ddl, "TRANSFORM", "", "",
                       arena_printf(ddl->work, "TRANSFORM FOR %s LANGUAGE %s", type, language));
}

static void create_user_mapping(Ddl *ddl, Tokens *tokens) {
    const char *role, *server;
    token_accept(tokens, "for");
    Tokens roles = *tokens;
    if (!ddl_name_read(ddl, tokens, &role) || !token_accept(tokens, "server") || !ddl_name_read(ddl, tokens, &server))
        return;
    ddl_name_roles(ddl, &roles);
    ddl_add_object(ddl, "USER MAPPING", "", "", arena_printf(ddl->work, "USER MAPPING %s SERVER %s", role, server));
}

static void create_database(Ddl *ddl, Tokens *tokens) {
    const char *name, *owner;
    if (!ddl_name_read(ddl, tokens, &name) || !move_behind(tokens, "owner"))
        return;
    token_accept_symbol(tokens, '=');
    if (ddl_name_read(ddl, tokens, &owner))
        ddl_add_reference(ddl, owner);
}

static void create_routine(Ddl *ddl, Tokens *tokens, const char *kind) {
    DdlName name;
    const char *arguments;
    if (!ddl_name_qualified(ddl, tokens, &name) || !ddl_type_signature(ddl, tokens, &arguments))
        return;
    ddl_name_resolve_new(ddl, &name);
    bool none = strcmp(kind, "AGGREGATE") == 0 && strcmp(arguments, "()") == 0;
    ddl_add_object(ddl, kind, name.schema, "", arena_printf(ddl->work, "%s%s", name.name, none ? "(*)" : arguments));
}

/* [schema.]symbols */
static void create_operator(Ddl *ddl, Tokens *tokens) {
    DdlName name = {0};
    if (ddl_name_read(ddl, tokens, &name.schema))
        token_accept_symbol(tokens, '.');
    Buf *symbols = buf_new(ddl->work, 256);
    for (Token token = token_next(tokens); token.kind == TOKEN_SYMBOL && token.raw.at[0] != '(';
         token = token_next(tokens))
        buf_text(symbols, token.raw);
    if (symbols->length == 0)
        return;
    name.name = symbols->at;
    ddl_name_resolve_new(ddl, &name);
    ddl_add_object(ddl, "OPERATOR", name.schema, "", name.name);
}

static void create_named(Ddl *ddl, Tokens *tokens, const DdlKind *kind) {
    DdlName name;
    if (!ddl_name_qualified(ddl, tokens, &name))
        return;
    if (kind->shape == DDL_SHAPE_GLOBAL) {
        ddl_add_object(ddl, kind->kind, "", "", name.name);
        return;
    }
    ddl_name_resolve_new(ddl, &name);
    if (strcmp(kind->kind, "SEQUENCE") == 0)
        ddl_add_sequence(ddl, name.schema, name.name, NULL);
    else if (kind->shape == DDL_SHAPE_RELATION)
        ddl_add_relation(ddl, kind->kind, strcmp(kind->kind, "MATERIALIZED VIEW") == 0 ? 'm' : '\0', name);
    else
        ddl_add_object(ddl, kind->kind, name.schema, "", name.name);
}

/* What stands between CREATE and the kind. False for what is gone with the session. */
static bool skip_modifiers(Tokens *tokens, bool *unlogged) {
    static const char *const words[] = {"or",     "replace", "global",     "local",   "unlogged",
                                        "unique", "trusted", "constraint", "default", "recursive"};
    for (size_t at = 0; at < sizeof(words) / sizeof(words[0]);) {
        Token token = token_peek(tokens);
        *unlogged = *unlogged || token_is(&token, "unlogged");
        at = token_accept(tokens, words[at]) ? 0 : at + 1;
    }
    return !token_accept(tokens, "temp") && !token_accept(tokens, "temporary");
}

void ddl_create_statement(Ddl *ddl, Tokens *tokens) {
    static const struct {
        const char *kind;
        void (*read)(Ddl *ddl, Tokens *tokens);
    } own[] = {
        {"EXTENSION", create_extension}, {"INDEX", create_index},         {"SCHEMA", create_schema},
        {"TRIGGER", create_trigger},     {"POLICY", create_policy},       {"RULE", create_rule},
        {"CAST", create_cast},           {"TRANSFORM", create_transform}, {"USER MAPPING", create_user_mapping},
        {"ROLE", ddl_role_create},       {"DATABASE", create_database},   {"OPERATOR", create_operator},
    };
    bool unlogged = false;
    if (!skip_modifiers(tokens, &unlogged))
        return;
    const DdlKind *kind = ddl_kind_read(tokens);
    if (kind == NULL)
        return;
    ddl_name_skip_exists(tokens);
    for (size_t at = 0; at < sizeof(own) / sizeof(own[0]); at++) {
        if (strcmp(kind->kind, own[at].kind) == 0) {
            own[at].read(ddl, tokens);
            return;
        }
    }
    bool foreign = strcmp(kind->kind, "FOREIGN TABLE") == 0;
    if (foreign || strcmp(kind->kind, "TABLE") == 0)
        ddl_table_create(ddl, tokens, unlogged, foreign);
    else if (kind->shape == DDL_SHAPE_ROUTINE)
        create_routine(ddl, tokens, kind->kind);
    else if (kind->shape != DDL_SHAPE_OTHER)
        create_named(ddl, tokens, kind);
}
