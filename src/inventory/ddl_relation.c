/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>
#include <xxhash.h>

#include "inventory/ddl_parts.h"

/* Open addressing: dumps have up to hundreds of thousands of relations, and every ALTER asks for one. */

static uint64_t hash_of(const char *database, const char *schema, const char *name) {
    uint64_t hash = XXH3_64bits(database, strlen(database));
    hash = XXH3_64bits_withSeed(schema, strlen(schema), hash);
    return XXH3_64bits_withSeed(name, strlen(name), hash);
}

/* The slot that holds the name, or the empty one where it belongs. */
static size_t *slot_of(const DdlRelations *relations, const char *database, const char *schema, const char *name) {
    size_t mask = relations->capacity - 1;
    for (size_t at = hash_of(database, schema, name) & mask;; at = (at + 1) & mask) {
        size_t *slot = &relations->slots[at];
        if (*slot == 0)
            return slot;
        const DdlRelation *relation = &relations->list.items[*slot - 1];
        if (strcmp(relation->name, name) == 0 && strcmp(relation->schema, schema) == 0 &&
            strcmp(relation->database, database) == 0)
            return slot;
    }
}

static void grow(Arena *arena, DdlRelations *relations) {
    relations->capacity = relations->capacity == 0 ? 64 : relations->capacity * 2;
    relations->slots = ARENA_ARRAY(arena, size_t, relations->capacity);
    for (size_t at = 0; at < relations->list.count; at++) {
        const DdlRelation *relation = &relations->list.items[at];
        *slot_of(relations, relation->database, relation->schema, relation->name) = at + 1;
    }
}

static DdlRelation *find(const DdlRelations *relations, const DdlRelation *key) {
    if (relations->capacity == 0)
        return NULL;
    size_t position = *slot_of(relations, key->database, key->schema, key->name);
    return position == 0 ? NULL : &relations->list.items[position - 1];
}

/* Finds, or adds what the key says; its strings must stay. */
static DdlRelation *add(Arena *arena, DdlRelations *relations, const DdlRelation *key) {
    if (relations->list.count * 2 >= relations->capacity)
        grow(arena, relations);
    size_t *slot = slot_of(relations, key->database, key->schema, key->name);
    if (*slot == 0) {
        *LIST_PUSH(arena, relations->list) = *key;
        *slot = relations->list.count;
    }
    return &relations->list.items[*slot - 1];
}

DdlRelation *ddl_relation_find(Ddl *ddl, const char *schema, const char *name) {
    return find(&ddl->relations, &(DdlRelation){.database = ddl->database, .schema = schema, .name = name});
}

DdlRelation *ddl_relation_add(Ddl *ddl, const char *kind, const char *schema, const char *name) {
    DdlRelation *known = ddl_relation_find(ddl, schema, name);
    if (known != NULL)
        return known;
    DdlRelation key = {.database = ddl->database,
                       .schema = ddl_relation_name(ddl, schema),
                       .name = ddl_relation_name(ddl, name),
                       .kind = kind,
                       .owner = ""};
    return add(ddl->arena, &ddl->relations, &key);
}

const char *ddl_relation_name(Ddl *ddl, const char *name) {
    DdlRelation key = {.database = "", .schema = "", .name = name};
    const DdlRelation *known = find(&ddl->names, &key);
    if (known == NULL) {
        key.name = arena_strdup(ddl->inventory->arena, name);
        known = add(ddl->arena, &ddl->names, &key);
    }
    return known->name;
}
