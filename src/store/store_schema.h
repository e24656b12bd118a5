/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_STORE_STORE_SCHEMA_H
#define LIFEBOAT_STORE_STORE_SCHEMA_H

#include "store/store_sqlite.h"

/*
 * The tables of the embedded store and how they grow. PRAGMA user_version counts the steps that were applied; a step is
 * never edited once released, a change is a new step. A file with more steps than this program knows belongs to a newer
 * lifeboat and is refused, untouched.
 *
 * Everything but `state` is append-only: triggers abort UPDATE and DELETE, and an INSERT that would replace a row.
 */
extern const char *const store_schema_steps[]; /* NULL-terminated; step n leads from version n-1 to n */

/* Brings the file to the last of the steps, in one transaction; several processes may do so at once. */
Err *store_schema_apply(Store *store, const char *const *steps);

#endif
