/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "inventory/ddl_parts.h"

/* PostgreSQL allows 1600 columns (MaxHeapAttributeNumber). */
enum { COLUMNS_MAXIMUM = 1600 };

/* COPY options that change how rows are written. */
static bool read_plain(Tokens *tokens) {
    static const char *const words[] = {"csv",    "binary", "delimiter", "delimiters", "null",
                                        "header", "quote",  "escape",    "default"};
    for (Token token = token_next(tokens); token.kind != TOKEN_END; token = token_next(tokens)) {
        for (size_t at = 0; at < sizeof(words) / sizeof(words[0]); at++)
            if (token_is(&token, words[at]))
                return false;
        if (token_is(&token, "format") && !token_accept(tokens, "text"))
            return false;
        if (token_is(&token, "where")) /* rows may be left out */
            return false;
    }
    return true;
}

static bool read_columns(Ddl *ddl, Tokens *tokens, DdlTarget *out) {
    if (!token_accept_symbol(tokens, '('))
        return true;
    do {
        const char *name;
        if (!ddl_name_read(ddl, tokens, &name) || out->columns.count == COLUMNS_MAXIMUM)
            return false;
        *LIST_PUSH(ddl->target, out->columns) = arena_strdup(ddl->target, name);
    } while (token_accept_symbol(tokens, ','));
    return token_accept_symbol(tokens, ')');
}

static bool read_copy(Ddl *ddl, Tokens *tokens, DdlName *name, DdlTarget *out) {
    bool binary = token_accept(tokens, "binary");
    if (!ddl_name_qualified(ddl, tokens, name) || !read_columns(ddl, tokens, out))
        return false;
    if (token_accept(tokens, "with"))
        out->oids = token_accept(tokens, "oids");
    if (!token_accept(tokens, "from"))
        return false;
    out->from_stdin = token_accept(tokens, "stdin") || token_accept(tokens, "stdout");
    out->plain = read_plain(tokens) && !binary;
    return true;
}

static bool read_insert(Ddl *ddl, Tokens *tokens, DdlName *name, DdlTarget *out) {
    token_accept(tokens, "into");
    if (!ddl_name_qualified(ddl, tokens, name))
        return false;
    const char *alias;
    if (token_accept(tokens, "as"))
        ddl_name_read(ddl, tokens, &alias);
    return read_columns(ddl, tokens, out);
}

typedef LIST(const char *) Names;

static bool names_hold(const Names *names, const char *name) {
    for (size_t at = 0; at < names->count; at++)
        if (strcmp(names->items[at], name) == 0)
            return true;
    return false;
}

static bool names_equal(const Names *left, const Names *right) {
    bool equal = left->count == right->count;
    for (size_t at = 0; equal && at < left->count; at++)
        equal = strcmp(left->items[at], right->items[at]) == 0;
    return equal;
}

/* The data lists columns as the database had them. A child table whose parent got a column later is created with
 * another order, and the order of the data is the one to compare with. */
static void order_columns(InventoryTable *table) {
    const Names stated = {.items = table->copy_columns.items, .count = table->copy_columns.count};
    if (table->columns.count != stated.count)
        return;
    for (size_t at = 0; at < table->columns.count; at++)
        if (!names_hold(&stated, table->columns.items[at]))
            return;
    memcpy(table->columns.items, stated.items, stated.count * sizeof(*stated.items));
}

static void state_columns(Ddl *ddl, InventoryTable *table, const DdlTarget *target) {
    Arena *arena = ddl->inventory->arena;
    const Names stated = {.items = target->columns.items, .count = target->columns.count};
    const Names known = {.items = table->copy_columns.items, .count = table->copy_columns.count};
    if (names_equal(&stated, &known))
        return;
    table->copy_columns.count = 0;
    for (size_t at = 0; at < stated.count; at++)
        *LIST_PUSH(arena, table->copy_columns) = ddl_relation_name(ddl, stated.items[at]);
    order_columns(table);
}

static bool read_target(Ddl *ddl, Tokens *tokens, DdlTarget *out) {
    DdlName name;
    bool copy = token_accept(tokens, "copy");
    bool read = copy ? read_copy(ddl, tokens, &name, out)
                     : token_accept(tokens, "insert") && read_insert(ddl, tokens, &name, out);
    if (!read)
        return false;
    ddl_name_resolve(ddl, &name);
    bool created = ddl_relation_find(ddl, name.schema, name.name) != NULL;
    InventoryTable *table = ddl_table_of(ddl, name);
    out->database = table->database;
    out->schema = table->schema;
    out->name = table->name;
    if (copy && out->columns.count > 0)
        state_columns(ddl, table, out);
    bool known = out->columns.count > 0 || created;
    out->width = known ? (int64_t)table->copy_columns.count + (out->oids ? 1 : 0) : -1;
    return true;
}

/* DELETE FROM [ONLY] t, TRUNCATE [TABLE] [ONLY] t, DROP TABLE [IF EXISTS] t */
static bool read_removed(Ddl *ddl, Tokens *tokens, DdlTarget *out) {
    bool truncates = token_accept(tokens, "truncate");
    if (truncates)
        token_accept(tokens, "table");
    bool removes = truncates || (token_accept(tokens, "delete") && token_accept(tokens, "from")) ||
                   (token_accept(tokens, "drop") && token_accept(tokens, "table"));
    DdlName name;
    ddl_name_skip_exists(tokens);
    if (!removes || !ddl_name_qualified(ddl, tokens, &name))
        return false;
    ddl_name_resolve(ddl, &name);
    DdlTarget known;
    if (!ddl_table_named(ddl, name.schema, name.name, &known))
        return false;
    const InventoryTable *table = ddl_table_of(ddl, name);
    *out = (DdlTarget){.database = table->database, .schema = table->schema, .name = table->name, .width = -1};
    return true;
}

static bool with_work(Ddl *ddl, Text statement, DdlTarget *out,
                      bool (*read)(Ddl *ddl, Tokens *tokens, DdlTarget *out)) {
    Tokens tokens = token_start(statement, ddl->standard_strings);
    *out = (DdlTarget){.width = -1};
    arena_free(ddl->target);
    ddl->target = arena_child(ddl->arena);
    ddl->work = arena_new();
    bool known = read(ddl, &tokens, out);
    arena_free(ddl->work);
    ddl->work = NULL;
    return known;
}

bool ddl_data_target(Ddl *ddl, Text statement, DdlTarget *out) {
    return with_work(ddl, statement, out, read_target);
}

bool ddl_data_removed(Ddl *ddl, Text statement, DdlTarget *out) {
    return with_work(ddl, statement, out, read_removed);
}

bool ddl_data_entry_target(Ddl *ddl, const char *schema, Text statement, DdlTarget *out) {
    ddl->entry_schema = schema;
    bool read = ddl_data_target(ddl, statement, out);
    ddl->entry_schema = NULL;
    return read;
}
