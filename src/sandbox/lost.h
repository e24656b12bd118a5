/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_LOST_H
#define LIFEBOAT_SANDBOX_LOST_H

#include "base/text.h"
#include "sandbox/explain.h"

/*
 * Lost: the objects that a restore did not make, for a reason that is no defect of the backup. What fails later only
 * because such an object is not there (its owner, its grants, a view on it) is a consequence, and explained with it.
 * What is missing for any other reason stays unexplained.
 */
typedef struct LostObject {
    const char *kind; /* as in Inventory: "VIEW", "INDEX", "TABLE", ... */
    const char *schema, *table, *name;
    ExplainClass class;
    const char *reason;
} LostObject;

typedef LIST(LostObject) LostObjects;

/* Adds what the statements would have made: CREATE, ALTER TABLE ... ADD CONSTRAINT, setval of a sequence. */
void lost_add(Arena *arena, LostObjects *lost, Text statements, ExplainClass class, const char *reason);

/* The lost object that the server's message says does not exist (relation "x.y" does not exist), or NULL. */
const LostObject *lost_missing(Arena *arena, const LostObjects *lost, const char *message);

#endif
