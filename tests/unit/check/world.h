/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_TESTS_CHECK_WORLD_H
#define LIFEBOAT_TESTS_CHECK_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"

/*
 * A good backup with its attestation, the live database it was taken from an hour ago, and a history of good runs:
 * every check holds. A test changes one thing before the inventories are sealed and says which check must notice, with
 * which finding.
 */
typedef struct World {
    Arena *arena;
    Settings *settings;
    Backup *backup;
    Inventory *dump, *live, *before, *attested; /* before: the last verified backup */
    Attest *attestation;
    History *history;
    CheckContext context;
} World;

#define WORLD_NOW (INT64_C(1795000000) * TIME_SECOND)

static inline InventoryTable *world_table(Inventory *inventory, const char *schema, const char *name, uint64_t rows) {
    InventoryTable *table = inventory_table(inventory, "", schema, name);
    table->has_data = true;
    table->count = INVENTORY_EXACT;
    table->rows = rows;
    table->digested = true;
    table->digest = (HashSum){.low = rows, .high = 7};
    if (table->columns.count == 0) {
        *LIST_PUSH(inventory->arena, table->columns) = "id";
        *LIST_PUSH(inventory->arena, table->columns) = "note";
        table->copy_columns = table->columns;
    }
    return table;
}

static inline Inventory *world_inventory(Arena *arena, InventoryOrigin origin) {
    Inventory *inventory = inventory_new(arena, origin, "sample");
    static const InventoryTrait traits[] = {{"access", "public", "table public.contacts", "owner app; nobody else"},
                                            {"definition", "public", "column public.contacts.note", "text"},
                                            {"version", "", "extension plpgsql", "1.0"}};
    for (size_t at = 0; at < sizeof(traits) / sizeof(traits[0]); at++)
        *LIST_PUSH(arena, inventory->traits) = traits[at];
    inventory->traits_known = true;
    world_table(inventory, "public", "contacts", 1000)->row_security = true;
    world_table(inventory, "public", "orders", 200);
    world_table(inventory, "auth", "users", 50);
    static const InventoryObject objects[] = {
        {.kind = "SCHEMA", .name = "auth"},
        {.kind = "INDEX", .schema = "public", .table = "contacts", .name = "contacts_note"},
        {.kind = "POLICY", .schema = "public", .table = "contacts", .name = "own"},
    };
    for (size_t at = 0; at < sizeof(objects) / sizeof(objects[0]); at++)
        inventory_object(inventory, &objects[at]);
    *LIST_PUSH(arena, inventory->sequences) = (InventorySequence){
        .database = "", .schema = "public", .name = "contacts_id_seq", .known = true, .value = 1000, .called = true};
    *LIST_PUSH(arena, inventory->extensions) =
        (InventoryExtension){.database = "", .name = "vector", .schema = "public", .version = ""};
    inventory->large_objects_known = true;
    inventory->large_objects = 3;
    return inventory;
}

static inline void world_run(World *world, const char *id, Time finished, uint64_t size) {
    *LIST_PUSH(world->arena, world->history->runs) = (HistoryRun){.run_id = id,
                                                                  .finished_at = finished,
                                                                  .verdict = "pass",
                                                                  .backup_id = id,
                                                                  .backup_taken_at = finished - TIME_HOUR,
                                                                  .backup_size = size};
}

static inline World *world_new(void) {
    Arena *arena = arena_new();
    World *world = ARENA_NEW(arena, World);
    world->arena = arena;
    world->settings = settings_new(arena);
    check_declare_options(world->settings);
    world->dump = world_inventory(arena, INVENTORY_BACKUP);
    world->live = world_inventory(arena, INVENTORY_LIVE);
    world->before = world_inventory(arena, INVENTORY_SAVED);
    world->backup = ARENA_NEW(arena, Backup);
    *world->backup = (Backup){.arena = arena,
                              .path = "/backups/app.dump",
                              .id = "app.dump",
                              .format = "custom",
                              .compression = "gzip",
                              .size_bytes = 1000000,
                              .modified = WORLD_NOW - TIME_HOUR,
                              .taken_at = WORLD_NOW - TIME_HOUR,
                              .taken_at_stated = true,
                              .server_version = "15.4",
                              .dump_version = "15.4",
                              .server_major = 15,
                              .dump_major = 15,
                              .archive_version = "1.14",
                              .encoding = "UTF8",
                              .database = "app",
                              .inventory = world->dump,
                              .read_whole = true,
                              .raw_bytes = 5000000};
    world->attested = world_inventory(arena, INVENTORY_SAVED);
    world->attestation = ARENA_NEW(arena, Attest);
    *world->attestation = (Attest){.inventory = world->attested};
    *LIST_PUSH(arena, world->attestation->files) = (AttestFile){.name = "app.dump", .size = 1000000, .sha256 = ""};
    world->history = ARENA_NEW(arena, History);
    *world->history =
        (History){.last_verified = world->before, .last_verified_at = WORLD_NOW - TIME_DAY, .asked = true};
    world_run(world, "one", WORLD_NOW - TIME_DAY, 1010000);
    world_run(world, "two", WORLD_NOW - 2 * TIME_DAY, 990000);
    world_run(world, "three", WORLD_NOW - 3 * TIME_DAY, 980000);
    world->context = (CheckContext){.arena = arena,
                                    .settings = world->settings,
                                    .now = WORLD_NOW,
                                    .backup = world->backup,
                                    .read_attempted = true,
                                    .live = world->live,
                                    .live_asked = true,
                                    .history = world->history,
                                    .attestation = world->attestation,
                                    .tools_major = 15};
    *LIST_PUSH(arena, world->context.extensions) = "vector";
    return world;
}

static inline void world_set(World *world, const char *option, const char *value) {
    const Option *row = settings_find(world->settings, option);
    assert_non_null(row);
    assert_null(settings_set(world->settings, row, text_of(value), ERR_USAGE, "test"));
}

static inline void world_judge(World *world, CheckResults *out) {
    inventory_seal(world->dump);
    inventory_seal(world->live);
    inventory_seal(world->before);
    inventory_seal(world->attested);
    check_run_all(&world->context, out);
}

static inline const CheckResult *world_result(const CheckResults *results, const char *check) {
    for (size_t at = 0; at < results->count; at++)
        if (strcmp(results->items[at].check->id, check) == 0)
            return &results->items[at];
    print_error("no result of check %s\n", check);
    abort();
}

static inline void world_defect(World *world, BackupDefectKind kind, const char *table) {
    *LIST_PUSH(world->arena, world->backup->defects) =
        (BackupDefect){.kind = kind, .where = "block 3", .message = "it is broken", .table = table};
}

#endif
