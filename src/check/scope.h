/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_SCOPE_H
#define LIFEBOAT_CHECK_SCOPE_H

#include "check/check.h"

/*
 * Scope: which tables a comparison is about and how strict it is: the critical ones, the ignored ones, and each table's
 * tolerance. Shared by the checks that compare two inventories, so that --ignore means the same in each.
 *
 * Patterns are shell patterns (* ? []) on "schema.name", or on the bare name when they have no dot.
 */
extern const Option scope_critical;
extern const Option scope_ignore;
extern const Option scope_tolerances;

/* ERR_CONFIG for a tolerance that is none. */
Err *scope_validate(Arena *arena, const Settings *settings);

bool scope_matches(const char *pattern, const char *name);
bool scope_ignored(CheckContext *context, const InventoryTable *table);
bool scope_schema_ignored(CheckContext *context, const char *schema);

/* The table that a partition is, in the end, a part of; any other table is its own root. */
const InventoryTable *scope_root(const Inventory *inventory, const InventoryTable *table);

/* True when the list of critical tables names it or its root, or when there is no list: then every table counts. */
bool scope_is_critical(CheckContext *context, const InventoryTable *table);
bool scope_has_critical(CheckContext *context);

/* The table's own tolerance, or `otherwise`. */
double scope_tolerance(CheckContext *context, const InventoryTable *table, double otherwise);

/* The same table on the other side of a comparison with the live database, or NULL. A backup of several databases
 * is compared in the one that live is. */
const InventoryTable *scope_in_backup(const CheckContext *context, const InventoryTable *live);
const InventoryTable *scope_in_live(const CheckContext *context, const InventoryTable *backup);
/* False for a table of another database than the live one. */
bool scope_compared(const CheckContext *context, const InventoryTable *backup);

/* How far apart two counts are: |a - b| / reference; infinite when only the reference is 0. */
double scope_drift(uint64_t reference, uint64_t other);
/* scope_drift > tolerance, safe against rounding at the boundary. */
bool scope_beyond(uint64_t reference, uint64_t other, double tolerance);

/* Skips when no live database was asked for, is unknown when it could not be read: true in both cases. */
bool scope_no_live(CheckContext *context, CheckResult *result);

#endif
