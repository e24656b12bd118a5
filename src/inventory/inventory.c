/* SPDX-License-Identifier: PostgreSQL */
#include "inventory/inventory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "pg/identifier.h"

/* Open addressing with linear probing: positions in a list, found by the hash of the item's key. */
typedef struct Slot {
    uint64_t hash;
    size_t position; /* plus one: 0 is an empty slot */
} Slot;

typedef struct Index {
    Slot *slots;
    size_t capacity; /* 0 or a power of two */
    size_t used;
} Index;

typedef struct Lookup {
    Index tables, objects, roles;
} Lookup;

/* A key is up to five strings; a length before each keeps ("a", "bc") apart from ("ab", "c"). */
typedef struct Key {
    const char *parts[5];
} Key;

static uint64_t key_hash(const Key *key) {
    uint64_t hash = 0;
    for (size_t part = 0; part < 5; part++) {
        size_t length = key->parts[part] == NULL ? 0 : strlen(key->parts[part]);
        hash = XXH3_64bits_withSeed(key->parts[part] == NULL ? "" : key->parts[part], length, hash + length);
    }
    return hash;
}

static bool key_equal(const Key *left, const Key *right) {
    for (size_t part = 0; part < 5; part++)
        if (left->parts[part] != right->parts[part] && (left->parts[part] == NULL || right->parts[part] == NULL ||
                                                        strcmp(left->parts[part], right->parts[part]) != 0))
            return false;
    return true;
}

static Key table_key(const InventoryTable *table) {
    return (Key){{table->database, table->schema, table->name}};
}

/* An index is alone in its schema with its name, and a dump's table of contents does not say which table it is on. */
static Key object_key(const InventoryObject *object) {
    const char *table = strcmp(object->kind, "INDEX") == 0 ? "" : object->table;
    return (Key){{object->database, object->kind, object->schema, table, object->name}};
}

static Key item_key(const Inventory *inventory, const Index *index, size_t position) {
    const Lookup *lookup = inventory->lookup;
    if (index == &lookup->tables)
        return table_key(&inventory->tables.items[position]);
    if (index == &lookup->objects)
        return object_key(&inventory->objects.items[position]);
    return (Key){{inventory->roles.items[position].name}};
}

/* Position of the item, or SIZE_MAX. */
static size_t index_find(const Inventory *inventory, const Index *index, const Key *key) {
    if (index->capacity == 0)
        return SIZE_MAX;
    uint64_t hash = key_hash(key);
    for (size_t at = hash & (index->capacity - 1);; at = (at + 1) & (index->capacity - 1)) {
        const Slot *slot = &index->slots[at];
        if (slot->position == 0)
            return SIZE_MAX;
        if (slot->hash != hash)
            continue;
        Key found = item_key(inventory, index, slot->position - 1);
        if (key_equal(&found, key))
            return slot->position - 1;
    }
}

static void slot_put(Index *index, Slot slot) {
    size_t at = slot.hash & (index->capacity - 1);
    while (index->slots[at].position != 0)
        at = (at + 1) & (index->capacity - 1);
    index->slots[at] = slot;
    index->used++;
}

static void index_add(Arena *arena, Index *index, const Key *key, size_t position) {
    if (index->used * 2 >= index->capacity) {
        Index grown = {.capacity = index->capacity == 0 ? 64 : index->capacity * 2};
        grown.slots = ARENA_ARRAY(arena, Slot, grown.capacity);
        for (size_t at = 0; at < index->capacity; at++)
            if (index->slots[at].position != 0)
                slot_put(&grown, index->slots[at]);
        *index = grown;
    }
    slot_put(index, (Slot){.hash = key_hash(key), .position = position + 1});
}

Inventory *inventory_new(Arena *arena, InventoryOrigin origin, const char *label) {
    Inventory *inventory = ARENA_NEW(arena, Inventory);
    *inventory = (Inventory){.arena = arena,
                             .origin = origin,
                             .label = arena_strdup(arena, label == NULL ? "" : label),
                             .taken_at = TIME_NONE,
                             .server_version = "",
                             .encoding = "",
                             .database = "",
                             .system_identifier = "",
                             .time_zone = "",
                             .lookup = ARENA_NEW(arena, Lookup)};
    return inventory;
}

static const char *copy(Arena *arena, const char *string) {
    return string == NULL || string[0] == '\0' ? "" : arena_strdup(arena, string);
}

InventoryTable *inventory_table(Inventory *inventory, const char *database, const char *schema, const char *name) {
    assert(!inventory->sealed);
    Index *index = &((Lookup *)inventory->lookup)->tables;
    Key key = {{database == NULL ? "" : database, schema, name}};
    size_t position = index_find(inventory, index, &key);
    if (position != SIZE_MAX)
        return &inventory->tables.items[position];
    InventoryTable *table = LIST_PUSH(inventory->arena, inventory->tables);
    table->database = copy(inventory->arena, database);
    table->schema = copy(inventory->arena, schema);
    table->name = copy(inventory->arena, name);
    table->kind = 'r';
    table->parent_schema = table->parent = "";
    table->unknown_why = "not counted";
    index_add(inventory->arena, index, &key, inventory->tables.count - 1);
    return table;
}

static InventoryObject object_normal(const InventoryObject *given) {
    InventoryObject object = *given;
    if (strcmp(object.kind, "FK CONSTRAINT") == 0 || strcmp(object.kind, "CHECK CONSTRAINT") == 0)
        object.kind = "CONSTRAINT";
    const char **const fields[] = {&object.database, &object.schema, &object.table, &object.name, &object.owner};
    for (size_t at = 0; at < sizeof(fields) / sizeof(fields[0]); at++)
        if (*fields[at] == NULL)
            *fields[at] = "";
    return object;
}

void inventory_object(Inventory *inventory, const InventoryObject *given) {
    assert(!inventory->sealed);
    Index *index = &((Lookup *)inventory->lookup)->objects;
    InventoryObject object = object_normal(given);
    Key key = object_key(&object);
    if (index_find(inventory, index, &key) != SIZE_MAX)
        return;
    Arena *arena = inventory->arena;
    *LIST_PUSH(arena, inventory->objects) = (InventoryObject){.database = copy(arena, object.database),
                                                              .kind = copy(arena, object.kind),
                                                              .schema = copy(arena, object.schema),
                                                              .table = copy(arena, object.table),
                                                              .name = copy(arena, object.name),
                                                              .owner = copy(arena, object.owner)};
    index_add(arena, index, &key, inventory->objects.count - 1);
}

bool inventory_owner(Inventory *inventory, const InventoryObject *given) {
    assert(!inventory->sealed);
    InventoryObject object = object_normal(given);
    Key key = object_key(&object);
    size_t position = index_find(inventory, &((Lookup *)inventory->lookup)->objects, &key);
    if (position == SIZE_MAX)
        return false;
    const char **owner = &inventory->objects.items[position].owner;
    if (strcmp(*owner, object.owner) != 0)
        *owner = copy(inventory->arena, object.owner);
    return true;
}

InventoryRole *inventory_role(Inventory *inventory, const char *name) {
    assert(!inventory->sealed);
    Index *index = &((Lookup *)inventory->lookup)->roles;
    Key key = {{name}};
    size_t position = index_find(inventory, index, &key);
    if (position != SIZE_MAX)
        return &inventory->roles.items[position];
    InventoryRole *role = LIST_PUSH(inventory->arena, inventory->roles);
    role->name = copy(inventory->arena, name);
    index_add(inventory->arena, index, &key, inventory->roles.count - 1);
    return role;
}

static int first_difference(const char *const *left, const char *const *right, size_t count) {
    for (size_t at = 0; at < count; at++) {
        int order = strcmp(left[at], right[at]);
        if (order != 0)
            return order;
    }
    return 0;
}

static int order_tables(const void *a, const void *b) {
    const InventoryTable *left = a, *right = b;
    return first_difference((const char *[]){left->database, left->schema, left->name},
                            (const char *[]){right->database, right->schema, right->name}, 3);
}

static int order_objects(const void *a, const void *b) {
    const InventoryObject *left = a, *right = b;
    return first_difference((const char *[]){left->database, left->kind, left->schema, left->name, left->table},
                            (const char *[]){right->database, right->kind, right->schema, right->name, right->table},
                            5);
}

static int order_sequences(const void *a, const void *b) {
    const InventorySequence *left = a, *right = b;
    return first_difference((const char *[]){left->database, left->schema, left->name},
                            (const char *[]){right->database, right->schema, right->name}, 3);
}

static int order_extensions(const void *a, const void *b) {
    const InventoryExtension *left = a, *right = b;
    return first_difference((const char *[]){left->database, left->name},
                            (const char *[]){right->database, right->name}, 2);
}

static int order_roles(const void *a, const void *b) {
    return strcmp(((const InventoryRole *)a)->name, ((const InventoryRole *)b)->name);
}

static int order_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#define SORT(list, order)                                                                                              \
    ((list).count > 1 ? qsort((list).items, (list).count, sizeof(*(list).items), (order)) : (void)0)

/* The positions that the lookups remember are those of before: they are made anew. */
static void reindex(Inventory *inventory) {
    Lookup *lookup = inventory->lookup;
    *lookup = (Lookup){0};
    for (size_t at = 0; at < inventory->tables.count; at++) {
        Key key = table_key(&inventory->tables.items[at]);
        index_add(inventory->arena, &lookup->tables, &key, at);
    }
    for (size_t at = 0; at < inventory->objects.count; at++) {
        Key key = object_key(&inventory->objects.items[at]);
        index_add(inventory->arena, &lookup->objects, &key, at);
    }
    for (size_t at = 0; at < inventory->roles.count; at++) {
        Key key = {{inventory->roles.items[at].name}};
        index_add(inventory->arena, &lookup->roles, &key, at);
    }
}

void inventory_seal(Inventory *inventory) {
    if (inventory->sealed)
        return;
    SORT(inventory->tables, order_tables);
    SORT(inventory->objects, order_objects);
    SORT(inventory->sequences, order_sequences);
    SORT(inventory->extensions, order_extensions);
    SORT(inventory->roles, order_roles);
    SORT(inventory->databases, order_names);
    reindex(inventory);
    inventory->sealed = true;
}

/* "" stands for the only database, and a name for "" where the inventory does not repeat it in every table. */
static const char *database_of(const Inventory *inventory, const char *given) {
    given = given == NULL ? "" : given;
    const char *first = "", *last = "";
    if (inventory->tables.count > 0) { /* sorted by database first */
        first = inventory->tables.items[0].database;
        last = inventory->tables.items[inventory->tables.count - 1].database;
    } else if (inventory->objects.count > 0) {
        first = inventory->objects.items[0].database;
        last = inventory->objects.items[inventory->objects.count - 1].database;
    }
    if (inventory->databases.count > 1 || strcmp(first, last) != 0)
        return given;
    bool same = inventory->database[0] == '\0' || strcmp(given, inventory->database) == 0;
    return given[0] == '\0' || (first[0] == '\0' && same) ? first : given;
}

const InventoryTable *inventory_find_table(const Inventory *inventory, const char *database, const char *schema,
                                           const char *name) {
    assert(inventory->sealed);
    Key key = {{database_of(inventory, database), schema, name}};
    size_t position = index_find(inventory, &((const Lookup *)inventory->lookup)->tables, &key);
    return position == SIZE_MAX ? NULL : &inventory->tables.items[position];
}

bool inventory_has_object(const Inventory *inventory, const InventoryObject *given) {
    assert(inventory->sealed);
    InventoryObject object = object_normal(given);
    object.database = database_of(inventory, object.database);
    Key key = object_key(&object);
    return index_find(inventory, &((const Lookup *)inventory->lookup)->objects, &key) != SIZE_MAX;
}

const char *inventory_table_text(Arena *arena, const InventoryTable *table) {
    const char *text =
        arena_printf(arena, "%s.%s", identifier_quote(arena, table->schema), identifier_quote(arena, table->name));
    if (table->database[0] != '\0')
        text = arena_printf(arena, "%s.%s", identifier_quote(arena, table->database), text);
    return text_safe(arena, text);
}

uint64_t inventory_total_rows(const Inventory *inventory) {
    uint64_t total = 0;
    LIST_EACH (const InventoryTable, table, inventory->tables) {
        if (table->count != INVENTORY_UNKNOWN && __builtin_add_overflow(total, table->rows, &total))
            return UINT64_MAX;
    }
    return total;
}

int inventory_trait_order(const InventoryTrait *left, const InventoryTrait *right) {
    int order = strcmp(left->kind, right->kind);
    return order != 0 ? order : strcmp(left->name, right->name);
}
