/* SPDX-License-Identifier: PostgreSQL */
#include "inventory/ddl.h"

#include <string.h>

#include "inventory/ddl_parts.h"

/* ---- facts into the inventory ---- */

void ddl_add_reference(Ddl *ddl, const char *role) {
    inventory_role(ddl->inventory, role)->referenced = true;
}

/* The owner that pg_restore would give to what the present archive entry creates. */
static const char *owner_from_entry(Ddl *ddl, const char *kind) {
    bool own = ddl->entry_owner != NULL && strcmp(ddl->entry_desc, kind) == 0;
    if (own)
        ddl_add_reference(ddl, ddl->entry_owner);
    return own ? ddl->entry_owner : "";
}

void ddl_add_object(Ddl *ddl, const char *kind, const char *schema, const char *table, const char *name) {
    InventoryObject object = {.database = ddl->database,
                              .kind = kind,
                              .schema = schema,
                              .table = table,
                              .name = name,
                              .owner = owner_from_entry(ddl, kind)};
    inventory_object(ddl->inventory, &object);
}

void ddl_add_owner(Ddl *ddl, const char *kind, const char *schema, const char *name, const char *owner) {
    InventoryObject object = {
        .database = ddl->database, .kind = kind, .schema = schema, .table = "", .name = name, .owner = owner};
    inventory_owner(ddl->inventory, &object);
    DdlRelation *relation = schema[0] == '\0' ? NULL : ddl_relation_find(ddl, schema, name);
    if (relation != NULL)
        relation->owner = ddl_relation_name(ddl, owner);
}

bool ddl_add_relation(Ddl *ddl, const char *kind, char relkind, DdlName name) {
    if (ddl_relation_find(ddl, name.schema, name.name) != NULL)
        return false;
    ddl_add_object(ddl, kind, name.schema, "", name.name);
    DdlRelation *relation = ddl_relation_add(ddl, kind, name.schema, name.name);
    relation->owner = ddl_relation_name(ddl, owner_from_entry(ddl, kind));
    if (relkind == '\0')
        return true;
    InventoryTable *table = ddl_table_of(ddl, name);
    table->kind = relkind;
    table->unknown_why = relkind == 'f'   ? "a foreign table: its rows are on another server"
                         : relkind == 'm' ? "a materialised view: restoring computes it again"
                                          : "the backup holds no data for it";
    return true;
}

InventoryTable *ddl_table_of(Ddl *ddl, DdlName name) {
    return inventory_table(ddl->inventory, ddl->database, name.schema, name.name);
}

void ddl_add_sequence(Ddl *ddl, const char *schema, const char *name, const char *owner) {
    if (!ddl_add_relation(ddl, "SEQUENCE", '\0', (DdlName){schema, name}))
        return;
    Arena *arena = ddl->inventory->arena;
    ddl_relation_find(ddl, schema, name)->sequence = ddl->inventory->sequences.count;
    *LIST_PUSH(arena, ddl->inventory->sequences) = (InventorySequence){
        .database = ddl->database, .schema = arena_strdup(arena, schema), .name = arena_strdup(arena, name)};
    if (owner != NULL && owner[0] != '\0')
        ddl_add_owner(ddl, "SEQUENCE", schema, name, owner);
}

/* ---- statements ---- */

static void grant(Ddl *ddl, Tokens *tokens) {
    ddl_role_grant(ddl, tokens, "to");
}

static void revoke(Ddl *ddl, Tokens *tokens) {
    ddl_role_grant(ddl, tokens, "from");
}

void ddl_statement(Ddl *ddl, Text statement) {
    static const struct {
        const char *word;
        void (*read)(Ddl *ddl, Tokens *tokens);
    } rows[] = {
        {"create", ddl_create_statement},
        {"alter", ddl_alter_statement},
        {"grant", grant},
        {"revoke", revoke},
        {"select", ddl_setting_select},
        {"set", ddl_setting_set},
        {"reset", ddl_setting_reset},
    };
    Tokens tokens = token_start(statement, ddl->standard_strings);
    Token first = token_next(&tokens);
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        if (!token_is(&first, rows[at].word))
            continue;
        ddl->work = arena_new();
        rows[at].read(ddl, &tokens);
        arena_free(ddl->work);
        ddl->work = NULL;
        return;
    }
}

static Err *on_statement(void *context, const SqlStatement *statement) {
    ddl_statement(context, statement->text);
    return NULL;
}

static Err *on_insert(void *context, const SqlInsert *insert) {
    (void)context, (void)insert;
    return NULL;
}

static Err *on_command(void *context, const SqlStatement *command, bool inside) {
    (void)context, (void)command, (void)inside;
    return NULL;
}

static Err *on_comment(void *context, const SqlStatement *comment) {
    (void)context, (void)comment;
    return NULL;
}

static Err *on_copy(void *context, Text bytes, size_t *used, bool *ended) {
    (void)context;
    *used = bytes.length;
    *ended = false;
    return NULL;
}

void ddl_apply(Ddl *ddl, Text sql) {
    if (ddl->sql == NULL) {
        SqlSink sink = {.context = ddl,
                        .statement = on_statement,
                        .insert = on_insert,
                        .command = on_command,
                        .comment = on_comment,
                        .copy = on_copy};
        ddl->sql = sql_new(ddl->arena, &sink);
    }
    SqlEnd end;
    sql_standard_strings(ddl->sql, ddl->standard_strings);
    /* The members of the sink above return no error, and the splitter has none of its own. */
    (void)sql_feed(ddl->sql, sql);
    (void)sql_finish(ddl->sql, &end);
    if (end.open != SQL_OPEN_NOTHING)
        ddl_statement(ddl, end.statement.text);
}

/* ---- archive entries ---- */

/* What pg_restore gives an owner by ALTER ... OWNER TO (_printTocEntry in pg_backup_archiver.c). */
static bool has_owner(const DdlEntry *entry) {
    static const char *const descs[] = {
        "AGGREGATE",
        "BLOB",
        "BLOB METADATA",
        "COLLATION",
        "CONVERSION",
        "DOMAIN",
        "EVENT TRIGGER",
        "FOREIGN DATA WRAPPER",
        "FOREIGN TABLE",
        "FUNCTION",
        "MATERIALIZED VIEW",
        "OPERATOR",
        "OPERATOR CLASS",
        "OPERATOR FAMILY",
        "PROCEDURAL LANGUAGE",
        "PROCEDURE",
        "PUBLICATION",
        "SCHEMA",
        "SEQUENCE",
        "SERVER",
        "STATISTICS",
        "SUBSCRIPTION",
        "TABLE",
        "TEXT SEARCH CONFIGURATION",
        "TEXT SEARCH DICTIONARY",
        "TYPE",
        "VIEW",
    };
    if (entry->owner == NULL || entry->owner[0] == '\0' || entry->drop == NULL || entry->drop[0] == '\0')
        return false;
    for (size_t at = 0; at < sizeof(descs) / sizeof(descs[0]); at++)
        if (strcmp(entry->desc, descs[at]) == 0)
            return true;
    return false;
}

/* A script that does not create the database says nothing about it, so neither do these. */
static bool says_nothing(const DdlEntry *entry) {
    static const char *const descs[] = {"DATABASE", "DATABASE PROPERTIES", "COMMENT", "SECURITY LABEL", "TABLE DATA",
                                        "BLOBS",    "BLOB COMMENTS"};
    for (size_t at = 0; at < sizeof(descs) / sizeof(descs[0]); at++)
        if (strcmp(entry->desc, descs[at]) == 0)
            return true;
    bool grants = strcmp(entry->desc, "ACL") == 0;
    return grants && entry->tag != NULL && strncmp(entry->tag, "DATABASE ", strlen("DATABASE ")) == 0;
}

void ddl_apply_entry(Ddl *ddl, const DdlEntry *entry) {
    if (entry->desc == NULL || says_nothing(entry))
        return;
    ddl->entry_schema = entry->schema;
    ddl->entry_desc = entry->desc;
    ddl->entry_owner = has_owner(entry) ? entry->owner : NULL;
    if (strncmp(entry->desc, "BLOB", 4) == 0 && ddl->entry_owner != NULL)
        ddl_add_reference(ddl, ddl->entry_owner);
    /* Schema public is there already: its entry has an owner, and a comment in place of CREATE. */
    if (strcmp(entry->desc, "SCHEMA") == 0 && ddl->entry_owner != NULL)
        ddl_add_reference(ddl, ddl->entry_owner);
    if (entry->definition != NULL)
        ddl_apply(ddl, text_of(entry->definition));
    ddl->entry_schema = ddl->entry_owner = ddl->entry_desc = NULL;
}

/* ---- the state ---- */

static void start_session(Ddl *ddl) {
    ddl->path.count = 0;
    ddl->encoding = "";
    ddl->standard_strings = true;
    ddl->row_security = false;
}

Ddl *ddl_new(Arena *arena, Inventory *inventory) {
    Ddl *ddl = ARENA_NEW(arena, Ddl);
    *ddl = (Ddl){.arena = arena, .inventory = inventory, .database = ""};
    start_session(ddl);
    return ddl;
}

void ddl_database(Ddl *ddl, const char *database) {
    ddl->database = ddl_relation_name(ddl, database);
    start_session(ddl);
}

bool ddl_table_named(Ddl *ddl, const char *schema, const char *name, DdlTarget *out) {
    const DdlRelation *relation = ddl_relation_find(ddl, schema, name);
    *out = (DdlTarget){.database = ddl->database, .schema = schema, .name = name, .width = -1};
    return relation != NULL && strstr(relation->kind, "TABLE") != NULL;
}

const char *ddl_encoding(const Ddl *ddl) {
    return ddl->encoding;
}

bool ddl_standard_strings(const Ddl *ddl) {
    return ddl->standard_strings;
}

bool ddl_row_security(const Ddl *ddl) {
    return ddl->row_security;
}
