/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_REDACT_H
#define LIFEBOAT_SANDBOX_REDACT_H

#include "base/arena.h"
#include "base/text.h"

/*
 * Redact: a statement of a dump as it may be shown. Dumps hold passwords (roles, user mappings, subscriptions, the
 * arguments of dblink_connect); reports, logs and messages do not. Each such string becomes '***'. The text is not made
 * printable.
 */
const char *redact_statement(Arena *arena, Text statement);

#endif
