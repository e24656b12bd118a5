/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_STANDIN_H
#define LIFEBOAT_SANDBOX_STANDIN_H

#include "base/err.h"
#include "inventory/inventory.h"
#include "sandbox/query.h"

/*
 * Stand-ins: a missing extension does not cost the data. A type that an absent extension owns (vector, geometry,
 * citext...) gets a type of the same name with text input and output, so that tables load and their rows are counted
 * and digested: the text of a value goes in and comes out byte for byte. It accepts any type modifiers, and casts to
 * text implicitly, which lends it text's comparison for keys and indexes.
 *
 * What a stand-in does not do: the extension's operators, functions and index types. Those stay unbuilt and are
 * reported.
 */
typedef struct StandinType {
    const char *extension, *type;
} StandinType;

/* Ended by a row without an extension. */
extern const StandinType standin_types[];

/* Makes the stand-ins of one absent extension in that schema, which is made if need be. *made is what was made,
 * "vector, halfvec", or "" when the extension owns no type we know of. */
Err *standin_make(Arena *arena, Query *query, const char *extension, const char *schema, const char **made);

/*
 * Tables of absent extensions whose rows pg_dump writes although it never defines them (cron.job, vault.secrets,
 * spatial_ref_sys): as many columns of text, in which the rows are what they were. In that database of the dump ("" for
 * the only one); *made has their names, for people.
 */
Err *standin_tables(Arena *arena, Query *query, const Inventory *inventory, const char *database, InventoryNames *made);

#endif
