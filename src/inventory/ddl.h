/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_INVENTORY_DDL_H
#define LIFEBOAT_INVENTORY_DDL_H

#include "base/list.h"
#include "inventory/inventory.h"

/*
 * Ddl: SQL statements as facts of an Inventory. A script feeds it every statement, an archive every entry of its table
 * of contents; the same database gives the same inventory either way. One Ddl belongs to one thread. Statements that
 * say nothing about the inventory (COMMENT, most SETs, queries) are accepted and ignored; malformed ones add what was
 * understood before the damage and never fail: whether the bytes are whole is the format's business.
 *
 * What becomes what (the live side lists the same things, see live.c):
 * - tables: ordinary 'r', partitioned 'p', foreign 'f', materialised views 'm'. A new table's count is UNKNOWN ("no
 * data in the backup", ...), but exactly 0 for a partitioned one; whoever finds its data sets has_data, count, rows,
 * digest. Columns in order as written (inherited ones are not repeated by pg_dump); copy_columns is columns without
 * generated ones, until ddl_data_target replaces it by the list that the data states.
 * - objects: everything else, and every relation once more under its own kind (TABLE, FOREIGN TABLE, VIEW, MATERIALIZED
 * VIEW, SEQUENCE) because an object has an owner. Columns are not objects. Kinds and names are pg_dump's "desc" and
 * tag: FUNCTION, PROCEDURE, AGGREGATE are "name(argument types)", types as format_type prints them with an empty
 * search_path; CONSTRAINT covers PRIMARY KEY, UNIQUE, EXCLUDE, FOREIGN KEY, CHECK of tables (not NOT NULL, not of
 * domains); the index of a constraint is not listed as INDEX.
 * - sequences: with the value of setval; roles: defined by CREATE ROLE, referenced by OWNER TO, GRANT, POLICY, ...
 *
 * Names may be unqualified: they resolve along search_path (dumps made before 2018 set it). Fact sources: pg_dump.c,
 * pg_dumpall.c, pg_backup_archiver.c (_printTocEntry), ruleutils.c.
 */
typedef struct Ddl Ddl;

Ddl *ddl_new(Arena *arena, Inventory *inventory);

/* Database of what follows: "" at birth; \connect in a script of several. search_path and settings start anew. */
void ddl_database(Ddl *ddl, const char *database);

/* One statement, without its semicolon: what the splitter (pg/sql.h) gives. */
void ddl_statement(Ddl *ddl, Text statement);

/* Several statements; a semicolon at the end is optional. */
void ddl_apply(Ddl *ddl, Text sql);

/* An entry of an archive's table of contents; members may be NULL. Call for every entry, in the order of the table. */
typedef struct DdlEntry {
    const char *desc, *schema, *tag, *owner;
    const char *definition, *drop; /* drop decides whether pg_restore would write the owner */
} DdlEntry;
void ddl_apply_entry(Ddl *ddl, const DdlEntry *entry);

/* Where "COPY t (a, b) FROM stdin" or "INSERT INTO t (a, b)" puts rows. The table is added when unknown. */
typedef struct DdlTarget {
    const char *database, *schema, *name; /* find it with inventory_table */
    LIST(const char *) columns;           /* as stated; empty when not stated; valid until the next target */
    bool from_stdin;                      /* COPY ... FROM stdin */
    bool plain;                           /* COPY in text format with default delimiter, null and no header */
    bool oids;                            /* COPY ... WITH OIDS: an oid before the columns (before PostgreSQL 12) */
    int64_t width;                        /* COPY: values in each row, oid included; -1 when not known */
} DdlTarget;

/* False when the statement is neither COPY ... FROM nor INSERT INTO. COPY's list becomes the table's copy_columns. */
bool ddl_data_target(Ddl *ddl, Text statement, DdlTarget *out);

/* The same for a statement of an archive's entry in that schema: before 2018 it names the table without it. */
bool ddl_data_entry_target(Ddl *ddl, const char *schema, Text statement, DdlTarget *out);

/* The table whose rows a DELETE, TRUNCATE or DROP TABLE takes away again, as far as it is known here; false for other
 * statements. Of several only the first. */
bool ddl_data_removed(Ddl *ddl, Text statement, DdlTarget *out);

/* A table of the present database by its name. False when it was not created here; `out` is filled all the same. */
bool ddl_table_named(Ddl *ddl, const char *schema, const char *name, DdlTarget *out);

/* What SET said last; "" and true, true, off at birth. */
const char *ddl_encoding(const Ddl *ddl);
bool ddl_standard_strings(const Ddl *ddl);
bool ddl_row_security(const Ddl *ddl); /* SET row_security = on: the dump holds only rows its role could see */

#endif
