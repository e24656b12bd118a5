/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_INVENTORY_DDL_PARTS_H
#define LIFEBOAT_INVENTORY_DDL_PARTS_H

#include "inventory/ddl.h"
#include "pg/sql.h"
#include "pg/token.h"

/*
 * What the files of the DDL reader share; nobody else includes this. A statement is read from its tokens by the
 * function of its first words; what it means goes to the inventory through the ddl_add_ functions of ddl.c.
 */

/* A table-like thing that was created here: what an unqualified name or a later ALTER is about. */
typedef struct DdlRelation {
    const char *database, *schema, *name;
    const char *kind; /* "TABLE", "VIEW", "SEQUENCE", ... as objects have it */
    const char *owner;
    size_t sequence; /* position in the inventory's list, for a sequence */
} DdlRelation;

typedef struct DdlRelations {
    LIST(DdlRelation) list;
    size_t *slots; /* position plus one; 0 is empty */
    size_t capacity;
} DdlRelations;

struct Ddl {
    Arena *arena, *work; /* work: of the present statement */
    Inventory *inventory;
    const char *database;
    LIST(const char *) path; /* search_path, without pg_catalog and "$user" */
    const char *encoding;
    bool standard_strings, row_security;
    const char *entry_schema, *entry_owner, *entry_desc; /* of the archive entry being read; NULL in scripts */
    DdlRelations relations;
    DdlRelations names; /* of ddl_relation_name */
    Arena *target;      /* what ddl_data_target gave last */
    Sql *sql;           /* for text that holds several statements */
};

/* A possibly qualified name; schema is NULL when it is not. */
typedef struct DdlName {
    const char *schema, *name;
} DdlName;

/* ---- ddl.c: facts into the inventory ---- */
void ddl_add_object(Ddl *ddl, const char *kind, const char *schema, const char *table, const char *name);
void ddl_add_owner(Ddl *ddl, const char *kind, const char *schema, const char *name, const char *owner);
void ddl_add_reference(Ddl *ddl, const char *role);
void ddl_add_sequence(Ddl *ddl, const char *schema, const char *name, const char *owner);
/* The relation under its own kind, and for kinds with columns (relkind not 0) the table. False when it was there. */
bool ddl_add_relation(Ddl *ddl, const char *kind, char relkind, DdlName name);
InventoryTable *ddl_table_of(Ddl *ddl, DdlName name);

/* ---- ddl_relation.c ---- */
DdlRelation *ddl_relation_find(Ddl *ddl, const char *schema, const char *name);
DdlRelation *ddl_relation_add(Ddl *ddl, const char *kind, const char *schema, const char *name);
/* The string, kept as long as the inventory: a script may say the same name any number of times, and it is stored once.
 */
const char *ddl_relation_name(Ddl *ddl, const char *name);

/* ---- ddl_name.c: reading ---- */
/* A word or a quoted name; what it is called. False, and nothing read, when something else comes. */
bool ddl_name_read(Ddl *ddl, Tokens *tokens, const char **out);
/* "name", "schema.name" or "database.schema.name". */
bool ddl_name_qualified(Ddl *ddl, Tokens *tokens, DdlName *out);
/* Fills the schema of a name: of something to create, or of a relation that is there. */
void ddl_name_resolve_new(Ddl *ddl, DdlName *name);
void ddl_name_resolve(Ddl *ddl, DdlName *name);
/* The name inside a string, as regclass reads it: 'public."We""ird"'. */
bool ddl_name_in_string(Ddl *ddl, const Token *string, DdlName *out);
void ddl_name_skip_exists(Tokens *tokens); /* IF [NOT] EXISTS, ONLY */
/* Moves behind what is left of a group in parentheses; the opening one is read already. */
void ddl_name_close(Tokens *tokens);
/* Moves before the next comma or closing parenthesis outside of inner parentheses, or to the end. */
void ddl_name_skip_item(Tokens *tokens);
/* Roles separated by commas, each referenced. */
void ddl_name_roles(Ddl *ddl, Tokens *tokens);

/* ---- ddl_type.c ---- */
/* A type as format_type prints it, without its modifier; NULL when none comes. */
const char *ddl_type_read(Ddl *ddl, Tokens *tokens);
/* "(a integer, OUT b text)" at the front as "(integer)"; false when there is none. An aggregate's "(*)" stays. */
bool ddl_type_signature(Ddl *ddl, Tokens *tokens, const char **out);

/* ---- one statement, behind its first word ---- */
void ddl_create_statement(Ddl *ddl, Tokens *tokens);
void ddl_alter_statement(Ddl *ddl, Tokens *tokens);
void ddl_role_grant(Ddl *ddl, Tokens *tokens, const char *before_roles); /* "to" or "from" */
void ddl_role_create(Ddl *ddl, Tokens *tokens);
void ddl_setting_set(Ddl *ddl, Tokens *tokens);
void ddl_setting_reset(Ddl *ddl, Tokens *tokens);
void ddl_setting_select(Ddl *ddl, Tokens *tokens);

/* ---- ddl_table.c ---- */
void ddl_table_create(Ddl *ddl, Tokens *tokens, bool unlogged, bool foreign);
/* One action of ALTER TABLE. */
void ddl_table_action(Ddl *ddl, Tokens *tokens, DdlName table);
/* "PRIMARY KEY (...)", behind the constraint's name (NULL when it has none). `column` for the name it would get. */
void ddl_table_constraint(Ddl *ddl, Tokens *tokens, DdlName table, const char *name, const char *column);

/* ---- ddl_kind.c: the kinds of objects and how their names are written ---- */
typedef enum DdlShape {
    DDL_SHAPE_GLOBAL,   /* a name without schema */
    DDL_SHAPE_SCHEMA,   /* a name in a schema */
    DDL_SHAPE_RELATION, /* the same, listed as a relation */
    DDL_SHAPE_ROUTINE,  /* a name in a schema, with argument types */
    DDL_SHAPE_OPERATOR, /* symbols */
    DDL_SHAPE_OTHER,    /* what CREATE reads in its own way and ALTER ignores */
} DdlShape;

typedef struct DdlKind {
    const char *words; /* as SQL writes it, lower case, one blank between words */
    const char *kind;  /* as pg_dump calls it */
    DdlShape shape;
} DdlKind;

/* The kind that these words begin with, which are moved past; NULL when unknown. */
const DdlKind *ddl_kind_read(Tokens *tokens);

#endif
