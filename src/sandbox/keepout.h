/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_KEEPOUT_H
#define LIFEBOAT_SANDBOX_KEEPOUT_H

#include <stdbool.h>

#include "base/text.h"

/*
 * Keepout: what of a dump must not come to life in a sandbox, told from its words alone. Two questions, both pure.
 *
 * keepout_acts: would it act in the world, or on every later statement (event triggers, replication, foreign servers,
 * webhooks, libraries loaded at login)? It is left out and listed; an honest dump of a busy database has such things.
 *
 * keepout_hostile: does it reach out of the database while it is being restored (a program, a server file, a network
 * connection, a language that can)? No dump needs that to come back; it is refused and reported.
 *
 * Bodies of functions are not looked into, because creating a function runs nothing; the body of DO is.
 */

/* Why the statement is left out, or NULL. */
const char *keepout_acts(Text statement);

/* Why the statement is refused, or NULL. */
const char *keepout_hostile(Text statement);

/* Why these are left out even of a restore in earnest. */
extern const char keepout_subscription[]; /* replication */
extern const char keepout_jobs[];         /* the rows of pg_cron */

/* The same, asked of a script's statement: NULL for what a restore in earnest restores. */
const char *keepout_acts_at_once(Text statement);

/* Extensions that act by themselves, from background workers: never created in a sandbox, even where they are
 * installed. */
bool keepout_extension(const char *name);

#endif
