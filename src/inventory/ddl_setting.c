/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "inventory/ddl_parts.h"
#include "pg/identifier.h"

/* Of schemas in search_path: what claims more is not believed. */
enum { PATH_MAXIMUM = 64 };

/* The schemas where names of a user's are looked up and made. */
static void add_to_path(Ddl *ddl, const char *schema) {
    if (ddl->path.count < PATH_MAXIMUM && strcmp(schema, "pg_catalog") != 0 && strcmp(schema, "$user") != 0 &&
        schema[0] != '\0')
        *LIST_PUSH(ddl->arena, ddl->path) = ddl_relation_name(ddl, schema);
}

/* "public, pg_catalog" as one string, or as a list of words and strings. */
static void set_path(Ddl *ddl, Tokens *tokens, bool words) {
    ddl->path.count = 0;
    do {
        Token token = token_next(tokens);
        if (token.kind == TOKEN_END || token_is(&token, "default"))
            return;
        const char *value = token_value(ddl->work, &token, ddl->standard_strings);
        if (words || token.kind != TOKEN_STRING) {
            add_to_path(ddl, value);
            continue;
        }
        Tokens inside = token_start(text_of(value), true);
        set_path(ddl, &inside, true);
        return;
    } while (token_accept_symbol(tokens, ','));
}

static bool is_off(Ddl *ddl, Tokens *tokens) {
    Token token = token_peek(tokens);
    const char *value = token_value(ddl->work, &token, ddl->standard_strings);
    return strcmp(value, "off") == 0 || strcmp(value, "false") == 0 || strcmp(value, "no") == 0 ||
           strcmp(value, "0") == 0;
}

static void set_encoding(Ddl *ddl, Tokens *tokens) {
    Token token = token_next(tokens);
    if (token.kind != TOKEN_END)
        ddl->encoding = ddl_relation_name(ddl, token_value(ddl->work, &token, ddl->standard_strings));
}

void ddl_setting_set(Ddl *ddl, Tokens *tokens) {
    if (!token_accept(tokens, "session"))
        token_accept(tokens, "local");
    const char *name, *role;
    if (!ddl_name_read(ddl, tokens, &name))
        return;
    if (strcmp(name, "authorization") == 0 || strcmp(name, "role") == 0) {
        token_accept_symbol(tokens, '=');
        Token value = token_peek(tokens);
        if (value.kind == TOKEN_STRING)
            ddl_add_reference(ddl, token_value(ddl->work, &value, ddl->standard_strings));
        else if (!token_is(&value, "default") && !token_is(&value, "none") && ddl_name_read(ddl, tokens, &role))
            ddl_add_reference(ddl, role);
        return;
    }
    if (!token_accept(tokens, "to"))
        token_accept_symbol(tokens, '=');
    if (strcmp(name, "search_path") == 0)
        set_path(ddl, tokens, false);
    else if (strcmp(name, "client_encoding") == 0)
        set_encoding(ddl, tokens);
    else if (strcmp(name, "standard_conforming_strings") == 0)
        ddl->standard_strings = !is_off(ddl, tokens);
    else if (strcmp(name, "row_security") == 0)
        ddl->row_security = !is_off(ddl, tokens);
}

void ddl_setting_reset(Ddl *ddl, Tokens *tokens) {
    bool all = token_accept(tokens, "all");
    if (all || token_accept(tokens, "search_path"))
        ddl->path.count = 0;
    if (all || token_accept(tokens, "standard_conforming_strings"))
        ddl->standard_strings = true;
}

/* An integer with perhaps a sign. */
static bool read_integer(Ddl *ddl, Tokens *tokens, int64_t *out) {
    bool negative = token_accept_symbol(tokens, '-');
    Token number = token_next(tokens);
    const char *digits = token_value(ddl->work, &number, ddl->standard_strings);
    uint64_t value;
    if ((number.kind != TOKEN_NUMBER && number.kind != TOKEN_STRING) || !text_to_u64(text_of(digits), &value) ||
        value > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* setval('public.orders_id_seq', 42, true) */
static void read_setval(Ddl *ddl, Tokens *tokens) {
    Token string = token_next(tokens);
    DdlName name;
    int64_t value;
    if (!ddl_name_in_string(ddl, &string, &name))
        return;
    if (token_accept_symbol(tokens, ':')) { /* ::regclass */
        token_accept_symbol(tokens, ':');
        token_next(tokens);
    }
    if (!token_accept_symbol(tokens, ',') || !read_integer(ddl, tokens, &value))
        return;
    bool called = !token_accept_symbol(tokens, ',') || token_accept(tokens, "true");
    ddl_name_resolve(ddl, &name);
    ddl_add_sequence(ddl, name.schema, name.name, NULL);
    const DdlRelation *relation = ddl_relation_find(ddl, name.schema, name.name);
    if (strcmp(relation->kind, "SEQUENCE") != 0)
        return;
    InventorySequence *sequence = &ddl->inventory->sequences.items[relation->sequence];
    sequence->known = true;
    sequence->value = value;
    sequence->called = called;
}

/* set_config('search_path', '', false) */
static void read_set_config(Ddl *ddl, Tokens *tokens) {
    Token name = token_next(tokens);
    if (name.kind != TOKEN_STRING || !token_accept_symbol(tokens, ','))
        return;
    if (strcmp(token_value(ddl->work, &name, ddl->standard_strings), "search_path") == 0)
        set_path(ddl, tokens, false);
}

void ddl_setting_select(Ddl *ddl, Tokens *tokens) {
    DdlName function;
    if (!ddl_name_qualified(ddl, tokens, &function) || !token_accept_symbol(tokens, '('))
        return;
    if (strcmp(function.name, "setval") == 0)
        read_setval(ddl, tokens);
    else if (strcmp(function.name, "set_config") == 0)
        read_set_config(ddl, tokens);
}
