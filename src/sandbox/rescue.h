/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_RESCUE_H
#define LIFEBOAT_SANDBOX_RESCUE_H

#include "format/backup.h"
#include "inventory/inventory.h"
#include "sandbox/destination.h"
#include "sandbox/sandbox.h"

/*
 * Rescue: rows of chosen tables, brought into a schema of their own beside the live tables, and the SQL that copies
 * them back. Nothing that exists is touched.
 *
 * The backup is restored into a sandbox (its definitions, and the rows of the chosen tables only); from there the rows
 * go into plain tables of the same name in the side schema: no constraints, triggers or defaults, enums as copies of
 * their own, types that the target cannot have as text. The schema comes whole or not at all: it is one transaction.
 */
typedef struct RescueTable {
    const InventoryTable *table;        /* of the backup */
    const char *live;                   /* "public.contacts", quoted as SQL needs */
    const char *side;                   /* "restored_20261125.contacts", likewise */
    LIST(const InventoryTable *) parts; /* of the backup: those that hold its rows */
    uint64_t expected, copied;
    bool compared, same; /* content by digest: whether it could be compared, and whether it is the same */
    bool missing;        /* the target has no such table */
    bool no_key;         /* the target's has no unique index: rows are compared whole */
} RescueTable;

typedef struct RescueRequest {
    const Backup *backup; /* read whole */
    const Sandbox *sandbox;
    const Destination *destination;
    const InventoryTable *const *tables; /* NULL-terminated */
    const char *schema;                  /* to be made */
    int jobs;
    int64_t deadline; /* microseconds, 0 for none */
    bool trust_dump;
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total); /* may be NULL */
    void *context;
} RescueRequest;

typedef struct RescueNote {
    const char *what, *why; /* printable */
} RescueNote;

typedef struct Rescue {
    LIST(RescueTable) tables; /* in the order in which rows can be copied back: parents first */
    LIST(RescueNote) notes;   /* what to know before the SQL is run */
    const char *sql;          /* a script for psql, one transaction */
} Rescue;

/* ERR_USAGE when the schema exists. On any error the target is as it was. */
Err *rescue_run(Arena *arena, const RescueRequest *request, Rescue *out);

#endif
