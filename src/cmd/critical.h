/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_CRITICAL_H
#define LIFEBOAT_CMD_CRITICAL_H

#include <libpq-fe.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"

/*
 * Critical tables, proposed from a live database without being told: tables that other tables refer to, that hold much
 * of the data, or that have a name which usually holds what a business lives on. Each comes with its reasons, because a
 * person decides. Only the catalogue is read: nothing is counted.
 */
typedef struct CriticalTable {
    const char *name;    /* schema.table, quoted as SQL needs; safe to print and to write into a configuration */
    const char *reasons; /* "5 tables refer to it; 40 MB, 62 % of the data" */
} CriticalTable;

typedef LIST(CriticalTable) CriticalTables;

#define CRITICAL_MOST 20

/* At most CRITICAL_MOST, the strongest reasons first. *considered is how many tables were looked at. */
Err *critical_find(Arena *arena, PGconn *connection, CriticalTables *out, uint64_t *considered);

/* What is known of one table, and what follows from it: pure. NULL when there is no reason. */
typedef struct CriticalFacts {
    const char *schema, *name;
    uint64_t referring; /* other tables with a foreign key to it */
    uint64_t bytes, total_bytes;
} CriticalFacts;
const char *critical_reasons(Arena *arena, const CriticalFacts *facts, int *strength);

#endif
