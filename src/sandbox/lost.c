/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/lost.h"

#include <string.h>

#include "inventory/ddl.h"
#include "pg/token.h"

/* Beyond so many a consequence stays unexplained: a dump that loses more is looked at by people. */
enum { MOST = 5000 };

static void keep(Arena *arena, LostObjects *lost, const LostObject *object) {
    if (lost->count >= MOST)
        return;
    LIST_EACH (const LostObject, known, *lost) {
        if (strcmp(known->kind, object->kind) == 0 && strcmp(known->schema, object->schema) == 0 &&
            strcmp(known->table, object->table) == 0 && strcmp(known->name, object->name) == 0)
            return;
    }
    *LIST_PUSH(arena, *lost) = *object;
}

void lost_add(Arena *arena, LostObjects *lost, Text statements, ExplainClass class, const char *reason) {
    Tokens tokens = token_start(statements, true);
    Token verb = token_next(&tokens);
    bool creates = token_is(&verb, "create"), alters = token_is(&verb, "alter"), selects = token_is(&verb, "select");
    if (!creates && !alters && !selects)
        return;
    Inventory *made = inventory_new(arena, INVENTORY_BACKUP, "");
    ddl_apply(ddl_new(arena, made), statements);
    LIST_EACH (const InventoryObject, object, made->objects) {
        const LostObject found = {object->kind, object->schema, object->table, object->name, class, reason};
        /* What ALTER names is there already, but for the constraint that it adds. */
        if (creates || (alters && strcmp(object->kind, "CONSTRAINT") == 0))
            keep(arena, lost, &found);
    }
    LIST_EACH (const InventorySequence, sequence, made->sequences) {
        const LostObject found = {"SEQUENCE", sequence->schema, "", sequence->name, class, reason};
        if (!alters)
            keep(arena, lost, &found);
    }
}

/* The server joins the parts of a name with dots and quotes the whole: "public.t"; functions come bare, with their
 * arguments: function public.f(integer) does not exist. */
static const char *missing_name(Arena *arena, const char *message) {
    if (strstr(message, " does not exist") == NULL)
        return NULL;
    const char *end = NULL, *at = message;
    if (strncmp(message, "function ", 9) == 0) {
        at = message + 9;
        end = strchr(at, '(');
    } else if ((at = strchr(message, '"')) != NULL) {
        at++;
        end = strchr(at, '"');
    }
    return at == NULL || end == NULL ? NULL : arena_strndup(arena, at, (size_t)(end - at));
}

/* Functions are listed with their arguments. */
static bool is_named(Arena *arena, const LostObject *lost, const char *name) {
    const char *bare = lost->name;
    if (strcmp(lost->kind, "FUNCTION") == 0 || strcmp(lost->kind, "PROCEDURE") == 0)
        bare = arena_strndup(arena, bare, strcspn(bare, "("));
    return strcmp(name, bare) == 0 || strcmp(name, arena_printf(arena, "%s.%s", lost->schema, bare)) == 0;
}

const LostObject *lost_missing(Arena *arena, const LostObjects *lost, const char *message) {
    const char *name = lost->count == 0 ? NULL : missing_name(arena, message);
    if (name == NULL)
        return NULL;
    LIST_EACH (const LostObject, object, *lost) {
        if (is_named(arena, object, name))
            return object;
    }
    return NULL;
}
