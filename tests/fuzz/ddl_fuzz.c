/* SPDX-License-Identifier: PostgreSQL */
#include "inventory/ddl.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static Inventory *read_all(Arena *arena, Text sql) {
    Inventory *inventory = inventory_new(arena, INVENTORY_BACKUP, "fuzz");
    Ddl *ddl = ddl_new(arena, inventory);
    DdlTarget target;
    ddl_apply(ddl, sql);
    ddl_data_target(ddl, sql, &target);
    ddl_data_removed(ddl, sql, &target);
    ddl_database(ddl, "other");
    ddl_statement(ddl, sql);
    char *definition = text_dup(arena, sql);
    ddl_apply_entry(ddl,
                    &(DdlEntry){.desc = "TABLE", .schema = "s", .owner = "o", .definition = definition, .drop = "x"});
    inventory_seal(inventory);
    return inventory;
}

/* Any bytes give an inventory, the same one each time, whose invariants hold. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Arena *arena = arena_new();
    Text sql = {(const char *)bytes, size};
    const Inventory *once = read_all(arena, sql), *again = read_all(arena, sql);
    InventoryDifferences differences;
    inventory_compare(arena, once, again, &differences);
    for (size_t at = 0; at < differences.count; at++)
        if (differences.items[at].kind != INVENTORY_NOT_COMPARED)
            __builtin_trap();
    for (size_t at = 0; at < once->tables.count; at++) {
        const InventoryTable *table = &once->tables.items[at];
        if (table->schema[0] == '\0' && table->name[0] == '\0')
            continue; /* "" is a quoted name like any other here */
        if (table->columns.count > 1600 || (table->count == INVENTORY_UNKNOWN && table->unknown_why == NULL))
            __builtin_trap();
    }
    arena_free(arena);
    return 0;
}
