/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_PLATFORM_H
#define LIFEBOAT_SANDBOX_PLATFORM_H

#include "base/err.h"
#include "inventory/inventory.h"
#include "sandbox/query.h"

/*
 * Platform: what a dump takes for granted because its host always has it. Roles that it names but does not create; on
 * Supabase also schemas that its dumps leave out and the functions in them that policies call.
 */

/* True when the dump names roles that only Supabase has. */
bool platform_is_supabase(const Inventory *inventory);

/* Creates every role the inventory references and the server lacks, with the attributes Supabase gives its own; none
 * can log in with a password. *made counts them. */
Err *platform_roles(Arena *arena, Query *query, const Inventory *inventory, size_t *made);

/* The attributes Supabase gives a role of its own, without those that make it mightier than a restore needs
 * (SUPERUSER, CREATEROLE, REPLICATION); "" for other roles: for servers that are kept. */
const char *platform_attributes(const Inventory *inventory, const char *role);

/* In the database to be restored into (by its name in the dump, "" for the only one): the schemas that Supabase's dumps
 * leave out, and auth.uid(), auth.role(), auth.jwt(), auth.email() as stubs reading request.jwt.claims, unless the dump
 * creates schema auth itself. *made says what, "" when nothing was needed. Once for each database. */
Err *platform_stubs(Arena *arena, Query *query, const Inventory *inventory, const char *database, const char **made);

/* True when the dump creates that schema in that database. */
bool platform_creates_schema(const Inventory *inventory, const char *database, const char *schema);

#endif
