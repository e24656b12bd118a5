/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/buf.h"
#include "inventory/ddl_parts.h"

typedef LIST(const char *) Names;

static bool names_hold(const Names *names, const char *name) {
    for (size_t at = 0; at < names->count; at++)
        if (strcmp(names->items[at], name) == 0)
            return true;
    return false;
}

/* PostgreSQL allows 1600 columns (MaxHeapAttributeNumber): what claims more is damaged, and is not believed. */
enum { COLUMNS_MAXIMUM = 1600 };

/* The table being created: its columns are collected first, as inherited ones come before its own. */
typedef struct Creation {
    Ddl *ddl;
    DdlName name;
    Names columns, generated;
} Creation;

static void add_column_name(Creation *creation, const char *column, bool generated) {
    if (creation->columns.count >= COLUMNS_MAXIMUM || names_hold(&creation->columns, column))
        return;
    *LIST_PUSH(creation->ddl->work, creation->columns) = column;
    if (generated)
        *LIST_PUSH(creation->ddl->work, creation->generated) = column;
}

/* ---- constraints ---- */

static void add_constraint(Ddl *ddl, DdlName table, const char *column, const char *name, const char *suffix) {
    if (name == NULL) /* as PostgreSQL would call it, when that is not too long */
        name = column == NULL ? arena_printf(ddl->work, "%s_%s", table.name, suffix)
                              : arena_printf(ddl->work, "%s_%s_%s", table.name, column, suffix);
    ddl_add_object(ddl, "CONSTRAINT", table.schema, table.name, name);
}

/* The columns of "(a, b)" joined by '_', NULL when no list comes. */
static const char *column_list(Ddl *ddl, Tokens tokens) {
    Buf *buf = buf_new(ddl->work, 1 << 16);
    const char *name;
    if (!token_accept_symbol(&tokens, '('))
        return NULL;
    do {
        if (ddl_name_read(ddl, &tokens, &name))
            buf_printf(buf, "%s%s", buf->length == 0 ? "" : "_", name);
        ddl_name_skip_item(&tokens);
    } while (token_accept_symbol(&tokens, ','));
    return buf->length == 0 ? NULL : buf->at;
}

/* NOT NULL is no constraint to pg_dump before 18, nor to the comparison: it is left out. */
void ddl_table_constraint(Ddl *ddl, Tokens *tokens, DdlName table, const char *name, const char *column) {
    if (token_accept(tokens, "primary")) {
        token_accept(tokens, "key");
        add_constraint(ddl, table, NULL, name, "pkey");
    } else if (token_accept(tokens, "unique")) {
        add_constraint(ddl, table, column != NULL ? column : column_list(ddl, *tokens), name, "key");
    } else if (token_accept(tokens, "exclude")) {
        add_constraint(ddl, table, column, name, "excl");
    } else if (token_accept(tokens, "check")) {
        add_constraint(ddl, table, column, name, "check");
    } else if (token_accept(tokens, "references")) {
        add_constraint(ddl, table, column, name, "fkey");
    } else if (token_accept(tokens, "foreign")) {
        token_accept(tokens, "key");
        add_constraint(ddl, table, column_list(ddl, *tokens), name, "fkey");
    }
}

/* ---- columns ---- */

static void add_serial(Ddl *ddl, DdlName table, const char *column, DdlName sequence) {
    if (sequence.name == NULL)
        sequence = (DdlName){table.schema, arena_printf(ddl->work, "%s_%s_seq", table.name, column)};
    ddl_name_resolve_new(ddl, &sequence);
    const DdlRelation *relation = ddl_relation_find(ddl, table.schema, table.name);
    ddl_add_sequence(ddl, sequence.schema, sequence.name, relation == NULL ? NULL : relation->owner);
}

/* Behind GENERATED: { ALWAYS | BY DEFAULT } AS { IDENTITY [(options)] | (expression) }. True for an expression. */
static bool read_generated(Ddl *ddl, Tokens *tokens, DdlName table, const char *column) {
    if (token_accept(tokens, "by"))
        token_accept(tokens, "default");
    else if (!token_accept(tokens, "always"))
        return false;
    token_accept(tokens, "as");
    if (!token_accept(tokens, "identity")) {
        Token token = token_peek(tokens);
        return token_is_symbol(&token, '(');
    }
    DdlName sequence = {0};
    Tokens options = *tokens;
    if (token_accept_symbol(&options, '(') && token_accept(&options, "sequence") && token_accept(&options, "name") &&
        !ddl_name_qualified(ddl, &options, &sequence))
        sequence = (DdlName){0};
    add_serial(ddl, table, column, sequence);
    return false;
}

static bool is_serial(const Token *type) {
    return token_is(type, "serial") || token_is(type, "bigserial") || token_is(type, "smallserial") ||
           token_is(type, "serial2") || token_is(type, "serial4") || token_is(type, "serial8");
}

/* What follows a column's name, up to its comma. True when its value is generated from others. */
static bool read_column_rest(Ddl *ddl, Tokens *tokens, DdlName table, const char *column) {
    Token type = token_peek(tokens);
    if (is_serial(&type))
        add_serial(ddl, table, column, (DdlName){0});
    bool generated = false;
    const char *name = NULL;
    for (;;) {
        Tokens ahead = *tokens;
        Token token = token_next(&ahead);
        if (token.kind == TOKEN_END || token_is_symbol(&token, ',') || token_is_symbol(&token, ')'))
            return generated;
        if (token_is(&token, "constraint")) {
            *tokens = ahead;
            ddl_name_read(ddl, tokens, &name);
            continue;
        }
        if (token_is(&token, "primary") || token_is(&token, "unique") || token_is(&token, "check") ||
            token_is(&token, "references")) {
            ddl_table_constraint(ddl, tokens, table, name, column);
            name = NULL;
            continue;
        }
        *tokens = ahead;
        if (token_is(&token, "generated"))
            generated = read_generated(ddl, tokens, table, column) || generated;
        else if (token_is_symbol(&token, '('))
            ddl_name_close(tokens);
        else if (token_is(&token, "null") || token_is(&token, "default"))
            name = NULL; /* of a NOT NULL */
    }
}

static bool starts_constraint(Tokens tokens) {
    Token token = token_next(&tokens);
    if (token_is(&token, "exclude")) { /* may be a column's name as well */
        Token behind = token_peek(&tokens);
        return token_is(&behind, "using") || token_is_symbol(&behind, '(');
    }
    return token_is(&token, "constraint") || token_is(&token, "primary") || token_is(&token, "unique") ||
           token_is(&token, "check") || token_is(&token, "foreign");
}

static void copy_columns(Creation *creation, const InventoryTable *from) {
    const Names copied = {.items = from->copy_columns.items, .count = from->copy_columns.count};
    for (size_t at = 0; at < from->columns.count; at++)
        add_column_name(creation, from->columns.items[at], !names_hold(&copied, from->columns.items[at]));
}

/* The columns of a relation that is there: of a parent, or LIKE. */
static void inherit(Creation *creation, Tokens *tokens) {
    DdlName name;
    Ddl *ddl = creation->ddl;
    if (!ddl_name_qualified(ddl, tokens, &name))
        return;
    ddl_name_resolve(ddl, &name);
    const DdlRelation *relation = ddl_relation_find(ddl, name.schema, name.name);
    if (relation != NULL && strstr(relation->kind, "TABLE") != NULL)
        copy_columns(creation, ddl_table_of(ddl, name));
}

static void read_element(Creation *creation, Tokens *tokens) {
    Ddl *ddl = creation->ddl;
    const char *name = NULL;
    if (starts_constraint(*tokens)) {
        if (token_accept(tokens, "constraint"))
            ddl_name_read(ddl, tokens, &name);
        ddl_table_constraint(ddl, tokens, creation->name, name, NULL);
    } else if (token_accept(tokens, "like")) {
        inherit(creation, tokens);
    } else if (ddl_name_read(ddl, tokens, &name)) {
        add_column_name(creation, name, read_column_rest(ddl, tokens, creation->name, name));
    }
    ddl_name_skip_item(tokens);
}

/* Behind the opening parenthesis. */
static void read_elements(Creation *creation, Tokens *tokens) {
    do
        read_element(creation, tokens);
    while (token_accept_symbol(tokens, ','));
    token_accept_symbol(tokens, ')');
}

/* INHERITS (a, b) stands behind the columns, and its columns come before them. */
static void read_parents(Creation *creation, Tokens *tokens) {
    Names own = creation->columns;
    creation->columns = (Names){0};
    if (!token_accept_symbol(tokens, '('))
        return;
    do
        inherit(creation, tokens);
    while (token_accept_symbol(tokens, ','));
    for (size_t at = 0; at < own.count; at++)
        add_column_name(creation, own.items[at], false); /* those that are generated are listed as such already */
    token_accept_symbol(tokens, ')');
}

/* What follows the columns: the kind of table. */
static void read_tail(Creation *creation, Tokens *tokens, InventoryTable *facts) {
    for (Token token = token_next(tokens); token.kind != TOKEN_END; token = token_next(tokens)) {
        if (token_is(&token, "inherits"))
            read_parents(creation, tokens);
        else if (token_is(&token, "partition") && token_accept(tokens, "by"))
            facts->kind = 'p';
        else if (token_is(&token, "as"))
            facts->unknown_why = "a query fills it when the backup is restored";
        if (token_is_symbol(&token, '('))
            ddl_name_close(tokens);
    }
}

static void store_columns(const Creation *creation, InventoryTable *table) {
    Arena *arena = creation->ddl->inventory->arena;
    for (size_t at = 0; at < creation->columns.count; at++) {
        const char *column = arena_strdup(arena, creation->columns.items[at]);
        *LIST_PUSH(arena, table->columns) = column;
        if (!names_hold(&creation->generated, column))
            *LIST_PUSH(arena, table->copy_columns) = column;
    }
}

static void set_partition(Ddl *ddl, InventoryTable *table, DdlName parent) {
    Arena *arena = ddl->inventory->arena;
    table->partition = true;
    table->parent_schema = arena_strdup(arena, parent.schema);
    table->parent = arena_strdup(arena, parent.name);
}

void ddl_table_create(Ddl *ddl, Tokens *tokens, bool unlogged, bool foreign) {
    Creation creation = {.ddl = ddl};
    if (!ddl_name_qualified(ddl, tokens, &creation.name))
        return;
    ddl_name_resolve_new(ddl, &creation.name);
    if (!ddl_add_relation(ddl, foreign ? "FOREIGN TABLE" : "TABLE", foreign ? 'f' : 'r', creation.name))
        return;
    InventoryTable facts = {.kind = foreign ? 'f' : 'r', .unlogged = unlogged};
    DdlName parent = {0};
    if (token_accept(tokens, "partition")) {
        token_accept(tokens, "of");
        Tokens ahead = *tokens;
        if (ddl_name_qualified(ddl, &ahead, &parent))
            ddl_name_resolve(ddl, &parent);
        inherit(&creation, tokens);
    } else if (token_accept(tokens, "of")) {
        DdlName type;
        ddl_name_qualified(ddl, tokens, &type);
    }
    if (token_accept_symbol(tokens, '('))
        read_elements(&creation, tokens);
    read_tail(&creation, tokens, &facts);
    InventoryTable *table = ddl_table_of(ddl, creation.name);
    table->kind = facts.kind;
    table->unlogged = facts.unlogged;
    if (parent.name != NULL)
        set_partition(ddl, table, parent);
    if (facts.kind == 'p')
        table->count = INVENTORY_EXACT; /* the rows are its partitions' */
    if (facts.unknown_why != NULL)
        table->unknown_why = facts.unknown_why;
    store_columns(&creation, table);
}

/* ---- ALTER TABLE ---- */

static void add_column(Ddl *ddl, Tokens *tokens, DdlName table) {
    const char *name;
    ddl_name_skip_exists(tokens);
    if (!ddl_name_read(ddl, tokens, &name))
        return;
    bool generated = read_column_rest(ddl, tokens, table, name);
    Arena *arena = ddl->inventory->arena;
    InventoryTable *facts = ddl_table_of(ddl, table);
    if (facts->columns.count >= COLUMNS_MAXIMUM)
        return;
    name = arena_strdup(arena, name);
    *LIST_PUSH(arena, facts->columns) = name;
    if (!generated)
        *LIST_PUSH(arena, facts->copy_columns) = name;
}

static void action_add(Ddl *ddl, Tokens *tokens, DdlName table, bool known) {
    const char *name = NULL;
    if (token_accept(tokens, "constraint")) {
        ddl_name_read(ddl, tokens, &name);
        ddl_table_constraint(ddl, tokens, table, name, NULL);
    } else if (starts_constraint(*tokens)) {
        ddl_table_constraint(ddl, tokens, table, NULL, NULL);
    } else if (known) {
        token_accept(tokens, "column");
        add_column(ddl, tokens, table);
    }
}

static void action_alter_column(Ddl *ddl, Tokens *tokens, DdlName table) {
    const char *column;
    token_accept(tokens, "column");
    if (ddl_name_read(ddl, tokens, &column) && token_accept(tokens, "add") && token_accept(tokens, "generated"))
        read_generated(ddl, tokens, table, column);
}

static void action_attach(Ddl *ddl, Tokens *tokens, DdlName parent) {
    DdlName child;
    if (!token_accept(tokens, "partition") || !ddl_name_qualified(ddl, tokens, &child))
        return;
    ddl_name_resolve(ddl, &child);
    const DdlRelation *relation = ddl_relation_find(ddl, child.schema, child.name);
    if (relation != NULL && strstr(relation->kind, "TABLE") != NULL)
        set_partition(ddl, ddl_table_of(ddl, child), parent);
}

static bool accept_row_security(Tokens *tokens) {
    return token_accept(tokens, "row") && token_accept(tokens, "level") && token_accept(tokens, "security");
}

void ddl_table_action(Ddl *ddl, Tokens *tokens, DdlName table) {
    const DdlRelation *relation = ddl_relation_find(ddl, table.schema, table.name);
    bool known = relation != NULL && strstr(relation->kind, "TABLE") != NULL;
    /* A dump of the post-data section has constraints of tables that it does not have. */
    if (token_accept(tokens, "add"))
        action_add(ddl, tokens, table, known);
    else if (!known)
        return;
    else if (token_accept(tokens, "alter"))
        action_alter_column(ddl, tokens, table);
    else if (token_accept(tokens, "attach"))
        action_attach(ddl, tokens, table);
    else if (token_accept(tokens, "enable") && accept_row_security(tokens))
        ddl_table_of(ddl, table)->row_security = true;
    else if (token_accept(tokens, "disable") && accept_row_security(tokens))
        ddl_table_of(ddl, table)->row_security = false;
    else if (token_accept(tokens, "set") && token_accept(tokens, "unlogged"))
        ddl_table_of(ddl, table)->unlogged = true;
}
