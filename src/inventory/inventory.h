/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_INVENTORY_INVENTORY_H
#define LIFEBOAT_INVENTORY_INVENTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/time.h"

/*
 * Inventory: what a database holds. The central type: taken from the bytes of a backup (format/), from a running server
 * (inventory/live.h), from a restored copy (the same), from a saved JSON document (inventory/saved.h). Almost every
 * check compares two of them.
 *
 * Invariants
 * - A row count is exact, estimated, or unknown with a reason. Unknown is never shown or compared as zero.
 * - A digest is the HashSum of each row's COPY text line (no newline), columns as pg_dump lists them (generated columns
 *   left out), session settings pinned as in live.h. Two digests are comparable only when both tables list the same
 *   columns in the same order.
 * - Rows are a table's own (ONLY): partitions and inheritance children count on their own; a partitioned table has 0.
 * - Names are as in the catalogue, unquoted, and may hold any byte but NUL: show them through text_safe.
 * - `database` is "" unless the source holds several (pg_dumpall).
 * - After inventory_seal the lists are sorted (database, schema, name), lookups work and nothing is added any more.
 */
typedef LIST(const char *) InventoryNames;

typedef enum InventoryCount { INVENTORY_UNKNOWN, INVENTORY_EXACT, INVENTORY_ESTIMATE } InventoryCount;

typedef struct InventoryTable {
    const char *database, *schema, *name;
    char kind; /* pg_class.relkind: 'r' table, 'p' partitioned, 'f' foreign, 'm' materialised view */
    bool unlogged;
    bool partition;                     /* is a partition of another table: */
    const char *parent_schema, *parent; /* that table, "" when it is not known */
    bool row_security;                  /* ENABLE ROW LEVEL SECURITY */
    bool extension_owned;               /* live: belongs to an extension (pg_dump leaves its rows out) */
    bool has_data;                      /* backup: there is a data section for it; live: it can hold rows */
    InventoryCount count;
    uint64_t rows;           /* meaningful unless count is INVENTORY_UNKNOWN */
    const char *unknown_why; /* set when count is INVENTORY_UNKNOWN */
    uint64_t bytes;          /* backup: raw COPY bytes with newlines; live: pg_table_size */
    bool digested;
    HashSum digest;
    const char *undigested_why;  /* set when not digested though asked for */
    InventoryNames columns;      /* every column, generated ones included, in order (empty when unknown) */
    InventoryNames copy_columns; /* the columns whose text the digest covers, in order */
} InventoryTable;

/* Kinds use pg_dump's words (the TOC's "desc"), upper case: TABLE, COLUMN, INDEX, CONSTRAINT, FK CONSTRAINT, CHECK
 * CONSTRAINT, POLICY, TRIGGER, VIEW, MATERIALIZED VIEW, FUNCTION, SEQUENCE, TYPE, SCHEMA, EXTENSION, ... FK and CHECK
 * constraints are kept as CONSTRAINT here so that both sides agree (inventory_object does it). Tables and their
 * columns, sequences and extensions have lists of their own, so objects of kind TABLE, COLUMN, SEQUENCE, EXTENSION need
 * not be added and are not compared. */
typedef struct InventoryObject {
    const char *database;
    const char *kind;
    const char *schema; /* "" when the kind has none */
    const char *table;  /* the table it belongs to: COLUMN, INDEX, CONSTRAINT, POLICY, TRIGGER; else "" */
    const char *name;   /* FUNCTION: with argument types, as pg_dump tags it: "touch(integer, text)" */
    const char *owner;  /* "" when unknown */
} InventoryObject;

typedef struct InventorySequence {
    const char *database, *schema, *name;
    bool known; /* a value was found */
    int64_t value;
    bool called; /* pg_sequence's is_called */
} InventorySequence;

typedef struct InventoryExtension {
    const char *database, *name, *schema;
    const char *version; /* "" in a dump: pg_dump does not write it */
} InventoryExtension;

typedef struct InventoryRole {
    const char *name;
    bool defined;    /* created here (CREATE ROLE in a script, pg_roles live) */
    bool referenced; /* owns something or is granted something or named by a policy */
} InventoryRole;

/* How a thing is defined, who may use it, which version it has: what only servers tell, and only one can compare with
 * another. */
typedef struct InventoryTrait {
    const char *kind;   /* "definition", "access" (owner and grants), "version" */
    const char *schema; /* "" when it has none */
    const char *name;   /* "index public.notes_of_customer", with names quoted as SQL needs */
    const char *value;  /* as the server writes it */
} InventoryTrait;

typedef enum InventoryOrigin { INVENTORY_BACKUP, INVENTORY_LIVE, INVENTORY_RESTORED, INVENTORY_SAVED } InventoryOrigin;

typedef struct Inventory {
    Arena *arena;
    InventoryOrigin origin;
    const char *label;          /* for people: "backup app.dump", "database app at db.example:5432"; never a password */
    Time taken_at;              /* snapshot or dump time, TIME_NONE when unknown */
    const char *server_version; /* "17.11 (Debian 17.11-0+deb13u1)" or "" */
    int server_major;           /* 17; 0 unknown; 9.6 is 9 */
    const char *encoding;       /* "UTF8" or "" */
    const char *database;       /* name, or "" */
    const char *system_identifier; /* decimal digits, or "" */
    const char *time_zone;         /* live: TimeZone of the session that took the digests; "" unknown (a dump) */
    uint64_t large_objects;
    bool large_objects_known;
    uint64_t large_object_bytes;
    HashSum large_object_digest; /* sum over objects of hash_row(oid as decimal text, ':', then content) */
    bool large_objects_digested;
    LIST(InventoryTable) tables;
    LIST(InventoryObject) objects;
    LIST(InventorySequence) sequences;
    LIST(InventoryExtension) extensions;
    LIST(InventoryRole) roles;
    InventoryNames databases;    /* pg_dumpall */
    LIST(InventoryTrait) traits; /* sorted by kind and name; only when asked for (live.h) */
    bool traits_known;
    bool tables_only; /* structure was not looked at or written down: only the tables' rows can be compared */
    bool sealed;
    void *lookup; /* private to inventory.c */
} Inventory;

Inventory *inventory_new(Arena *arena, InventoryOrigin origin, const char *label);

/* Finds or adds; only before sealing. Strings are copied. The pointer is good until the next one is added. */
InventoryTable *inventory_table(Inventory *inventory, const char *database, const char *schema, const char *name);
void inventory_object(Inventory *inventory, const InventoryObject *object);
/* Gives an object that was added its owner (the last one given counts). False when there is no such object. */
bool inventory_owner(Inventory *inventory, const InventoryObject *object);
InventoryRole *inventory_role(Inventory *inventory, const char *name);

void inventory_seal(Inventory *inventory);

/* NULL when absent. `database` "" matches the only database of the inventory. An INDEX is found without its table: a
 * dump's table of contents does not name it. */
const InventoryTable *inventory_find_table(const Inventory *inventory, const char *database, const char *schema,
                                           const char *name);
bool inventory_has_object(const Inventory *inventory, const InventoryObject *object);

/* Finds tables by what a user writes: "contacts" (any schema, public first), "public.contacts", quoted names allowed.
 * Returns NULL when there is none, and NULL with *ambiguous set when the name stands in several schemas (or databases)
 * and not in exactly one public. */
const InventoryTable *inventory_resolve_table(const Inventory *inventory, const char *written, bool *ambiguous);

/* By kind and name. */
int inventory_trait_order(const InventoryTrait *left, const InventoryTrait *right);

/* "schema.name", quoted as SQL needs, safe to print; with the database in front when there are several. */
const char *inventory_table_text(Arena *arena, const InventoryTable *table);

uint64_t inventory_total_rows(const Inventory *inventory); /* known counts only */

/*
 * What differs between two sealed inventories, one item per difference, sorted by kind, what, name. Extension-owned
 * tables, schemas that pg_dump never writes (pg_catalog, information_schema, pg_toast, pg_temp), schema public itself,
 * and roles do not take part. Of objects, only kinds that both a dump and a live database can tell are compared
 * (inventory_compare.c).
 *
 * A side that has `tables_only` is compared by its tables; that the rest is not is one INVENTORY_NOT_COMPARED, what
 * "STRUCTURE". Nothing is said about digests when neither or only one side was asked for them: whoever wants content
 * compared looks at `digested` as well. One database against one is compared whatever their names; of several
 * (pg_dumpall) against one, the database of that name, and the others are INVENTORY_NOT_COMPARED.
 */
typedef enum InventoryDifferenceKind {
    INVENTORY_ONLY_LEFT, /* table or object that the right side lacks */
    INVENTORY_ONLY_RIGHT,
    INVENTORY_ROWS,         /* both counted, counts differ */
    INVENTORY_DIGEST,       /* same count (or unknown), different content */
    INVENTORY_COLUMNS,      /* both list columns; left, right: those that the other side lacks */
    INVENTORY_SEQUENCE,     /* both known, values differ */
    INVENTORY_VERSION,      /* extension versions differ */
    INVENTORY_NOT_COMPARED, /* could not be compared; `why` says so */
} InventoryDifferenceKind;

typedef struct InventoryDifference {
    InventoryDifferenceKind kind;
    const char *what;         /* "TABLE", "INDEX", ... */
    const char *name;         /* printable, qualified */
    const char *schema;       /* of the table, object or sequence, as in the catalogue; "" when it has none */
    const char *left, *right; /* printable values, "" when absent */
    const char *why;          /* NOT_COMPARED: the reason */
    const InventoryTable *left_table, *right_table;
    const InventoryObject *object;
} InventoryDifference;

typedef LIST(InventoryDifference) InventoryDifferences;

void inventory_compare(Arena *arena, const Inventory *left, const Inventory *right, InventoryDifferences *out);

#endif
