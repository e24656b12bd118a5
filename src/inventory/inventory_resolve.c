/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "inventory/inventory.h"
#include "pg/identifier.h"

/* What a user wrote: one to three names from the right: table, schema, database. NULL: not written. */
typedef struct Written {
    const char *names[3];
    size_t count;
} Written;

static bool written_parse(Arena *arena, const char *text, Written *out) {
    Text rest = text_trim(text_of(text));
    *out = (Written){0};
    while (out->count < 3) {
        bool quoted;
        if (!identifier_read(arena, &rest, &out->names[out->count], &quoted))
            return false;
        out->count++;
        if (rest.length == 0)
            return true;
        if (rest.at[0] != '.')
            return false;
        rest = text_slice(rest, 1, rest.length);
    }
    return false;
}

static bool matches(const InventoryTable *table, const Written *written) {
    const char *const *names = written->names + written->count;
    return strcmp(table->name, names[-1]) == 0 && (written->count < 2 || strcmp(table->schema, names[-2]) == 0) &&
           (written->count < 3 || strcmp(table->database, names[-3]) == 0);
}

static const InventoryTable *search(const Inventory *inventory, const Written *written, bool *ambiguous) {
    const InventoryTable *found = NULL, *found_public = NULL;
    size_t hits = 0, public_hits = 0;
    LIST_EACH (const InventoryTable, table, inventory->tables) {
        if (!matches(table, written))
            continue;
        found = table;
        hits++;
        if (strcmp(table->schema, "public") == 0) {
            found_public = table;
            public_hits++;
        }
    }
    if (hits <= 1)
        return found;
    if (public_hits == 1)
        return found_public;
    *ambiguous = true;
    return NULL;
}

/* The name taken literally, dots and capitals and all: "My Table" written without quotes is more often meant than not.
 */
static const InventoryTable *search_literally(Arena *arena, const Inventory *inventory, const char *text,
                                              bool *ambiguous) {
    Written written = {.names = {text}, .count = 1};
    const InventoryTable *table = search(inventory, &written, ambiguous);
    const char *dot = strchr(text, '.');
    if (table != NULL || *ambiguous || dot == NULL)
        return table;
    written = (Written){.names = {arena_strndup(arena, text, (size_t)(dot - text)), dot + 1}, .count = 2};
    return search(inventory, &written, ambiguous);
}

const InventoryTable *inventory_resolve_table(const Inventory *inventory, const char *text, bool *ambiguous) {
    *ambiguous = false;
    Arena *scratch = arena_new();
    const InventoryTable *table = NULL;
    Written written;
    if (written_parse(scratch, text, &written))
        table = search(inventory, &written, ambiguous);
    if (table == NULL && !*ambiguous)
        table = search_literally(scratch, inventory, text, ambiguous);
    arena_free(scratch);
    return table;
}
