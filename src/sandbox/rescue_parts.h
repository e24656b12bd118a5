/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_RESCUE_PARTS_H
#define LIFEBOAT_SANDBOX_RESCUE_PARTS_H

#include "sandbox/query.h"
#include "sandbox/rescue.h"

/*
 * What the files rescue*.c share; private to them.
 */
typedef struct RescueColumn {
    const char *name;
    const char *sandbox_type; /* as the dump has it: "app.plan", "integer[]" */
    const char *side_type;    /* as the side table has it */
} RescueColumn;

typedef LIST(RescueColumn) RescueColumns;

typedef struct Rescuing {
    Arena *arena;
    const RescueRequest *request;
    Rescue *out;
    const char *restored;  /* database of the sandbox */
    const Inventory *copy; /* of the sandbox */
    Query *source, *target;
    LIST(RescueColumns) columns; /* of each table in out->tables */
    InventoryNames types;        /* names taken in the side schema: enums and tables */
} Rescuing;

/* ---- rescue_tables.c ---- */

/* A literal for the target. */
const char *rescue_tables_literal(Rescuing *rescuing, const char *value);

/* The side schema with its types, tables, rows and sequences, in one transaction. */
Err *rescue_tables_copy(Rescuing *rescuing);

/* ---- rescue_sql.c ---- */

/* Puts out->tables in order, and writes out->sql. */
Err *rescue_sql_write(Rescuing *rescuing);

#endif
