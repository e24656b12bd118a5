/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "inventory/inventory.h"

/* Two equal sides; each test changes one and says what must come out. */
static Inventory *sample(Arena *arena, const char *label) {
    Inventory *inventory = inventory_new(arena, INVENTORY_LIVE, label);
    static const char *const names[] = {"contacts", "orders"};
    for (size_t at = 0; at < 2; at++) {
        InventoryTable *table = inventory_table(inventory, "", "public", names[at]);
        table->has_data = true;
        table->row_security = true;
        table->count = INVENTORY_EXACT;
        table->rows = 100 + at;
        table->digested = true;
        table->digest = (HashSum){.low = at + 1};
        static const char *const columns[] = {"id", "note"};
        for (size_t column = 0; column < 2; column++) {
            *LIST_PUSH(arena, table->columns) = columns[column];
            *LIST_PUSH(arena, table->copy_columns) = columns[column];
        }
    }
    static const InventoryObject objects[] = {
        {.kind = "INDEX", .schema = "public", .table = "contacts", .name = "contacts_note"},
        {.kind = "POLICY", .schema = "public", .table = "contacts", .name = "own"},
        {.kind = "FUNCTION", .schema = "public", .name = "touch(integer)"},
        {.kind = "SCHEMA", .name = "crm"},
    };
    for (size_t at = 0; at < sizeof(objects) / sizeof(objects[0]); at++)
        inventory_object(inventory, &objects[at]);
    *LIST_PUSH(arena, inventory->sequences) = (InventorySequence){
        .database = "", .schema = "public", .name = "contacts_id_seq", .known = true, .value = 100, .called = true};
    *LIST_PUSH(arena, inventory->extensions) =
        (InventoryExtension){.database = "", .name = "vector", .schema = "public", .version = "0.8.0"};
    inventory->large_objects_known = true;
    inventory->large_objects = 3;
    return inventory;
}

static InventoryTable *contacts(Inventory *inventory) {
    return inventory_table(inventory, "", "public", "contacts");
}

static void drop_objects(Inventory *i) {
    i->objects.count -= 2;
}
static void change_rows(Inventory *i) {
    contacts(i)->rows = 99;
    contacts(i)->digest.low = 77; /* follows from the rows: not a second difference */
}
static void change_digest(Inventory *i) {
    contacts(i)->digest.high = 1;
}
static void estimate(Inventory *i) {
    contacts(i)->count = INVENTORY_ESTIMATE;
}
static void unknown(Inventory *i) {
    contacts(i)->count = INVENTORY_UNKNOWN;
    contacts(i)->rows = 100; /* must not be looked at */
    contacts(i)->unknown_why = "row-level security could hide rows";
}
static void undigested(Inventory *i) {
    contacts(i)->digested = false;
}
static void undigested_with_reason(Inventory *i) {
    contacts(i)->digested = false;
    contacts(i)->undigested_why = "rows stand as INSERT statements";
}
static void add_column(Inventory *i) {
    *LIST_PUSH(i->arena, contacts(i)->columns) = "b \"x\"";
}
static void swap_columns(Inventory *i) {
    contacts(i)->columns.items[0] = contacts(i)->copy_columns.items[0] = "note";
    contacts(i)->columns.items[1] = contacts(i)->copy_columns.items[1] = "id";
}
static void unprotect(Inventory *i) {
    contacts(i)->row_security = false;
}
static void add_return_rule(Inventory *i) {
    inventory_object(i, &(InventoryObject){.kind = "RULE", .schema = "public", .table = "v", .name = "_RETURN"});
}
static void forget_columns(Inventory *i) {
    contacts(i)->columns.count = 0;
}
static void add_table(Inventory *i) {
    inventory_table(i, "", "crm", "new\n");
}
static void add_extension_table(Inventory *i) {
    inventory_table(i, "", "public", "spatial_ref_sys")->extension_owned = true;
}
static void add_system_table(Inventory *i) {
    inventory_table(i, "", "pg_catalog", "pg_class");
    inventory_table(i, "", "information_schema", "sql_parts");
}
static void add_unseen_kind(Inventory *i) {
    inventory_object(i, &(InventoryObject){.kind = "COMMENT", .schema = "public", .name = "TABLE contacts"});
    inventory_object(i, &(InventoryObject){.kind = "SCHEMA", .name = "public"});
}
static void move_sequence(Inventory *i) {
    i->sequences.items[0].value = 7;
}
static void forget_sequence(Inventory *i) {
    i->sequences.items[0].known = false;
}
static void other_version(Inventory *i) {
    i->extensions.items[0].version = "0.7.4";
}
static void no_version(Inventory *i) {
    i->extensions.items[0].version = "";
}
static void drop_extension(Inventory *i) {
    i->extensions.count = 0;
}
static void fewer_large_objects(Inventory *i) {
    i->large_objects = 2;
}
static void unknown_large_objects(Inventory *i) {
    i->large_objects = 0;
    i->large_objects_known = false;
}

static const struct Row {
    const char *title;
    void (*change)(Inventory *right);
    size_t count;
    InventoryDifferenceKind kind;
    const char *what, *name, *left, *right;
} rows[] = {
    {"control", NULL, 0},
    {"a policy or function is gone", drop_objects, 2, INVENTORY_ONLY_LEFT, "FUNCTION", "public.touch(integer)", "", ""},
    {"rows differ", change_rows, 1, INVENTORY_ROWS, "TABLE", "public.contacts", "100", "99"},
    {"same count, other content", change_digest, 1, INVENTORY_DIGEST, "TABLE", "public.contacts",
     "00000000000000000000000000000001", "00000000000000010000000000000001"},
    {"an estimate proves nothing", estimate, 1, INVENTORY_NOT_COMPARED, "TABLE", "public.contacts", "100", "about 100"},
    {"unknown is not a number", unknown, 1, INVENTORY_NOT_COMPARED, "TABLE", "public.contacts", "100", "unknown"},
    {"digest not asked for", undigested, 0},
    {"digest impossible", undigested_with_reason, 1, INVENTORY_NOT_COMPARED, "TABLE", "public.contacts", "100", "100"},
    {"column added", add_column, 1, INVENTORY_COLUMNS, "TABLE", "public.contacts", "", "\"b \"\"x\"\"\""},
    {"columns swapped", swap_columns, 1, INVENTORY_NOT_COMPARED, "TABLE", "public.contacts", "100", "100"},
    {"rows no longer protected", unprotect, 1, INVENTORY_ONLY_LEFT, "ROW SECURITY", "public.contacts", "", ""},
    {"rule that is the view", add_return_rule, 0},
    {"columns unknown", forget_columns, 0},
    {"table added", add_table, 1, INVENTORY_ONLY_RIGHT, "TABLE", "crm.\"new\\x0a\"", "", ""},
    {"extension's table", add_extension_table, 0},
    {"catalogue tables", add_system_table, 0},
    {"kinds that one side cannot tell", add_unseen_kind, 0},
    {"sequence moved", move_sequence, 1, INVENTORY_SEQUENCE, "SEQUENCE", "public.contacts_id_seq", "100", "7"},
    {"sequence unknown", forget_sequence, 1, INVENTORY_NOT_COMPARED, "SEQUENCE", "public.contacts_id_seq", "100",
     "unknown"},
    {"extension version", other_version, 1, INVENTORY_VERSION, "EXTENSION", "vector", "0.8.0", "0.7.4"},
    {"extension version not said", no_version, 0},
    {"extension gone", drop_extension, 1, INVENTORY_ONLY_LEFT, "EXTENSION", "vector", "", ""},
    {"large objects", fewer_large_objects, 1, INVENTORY_ROWS, "LARGE OBJECTS", "large objects", "3", "2"},
    {"large objects not counted", unknown_large_objects, 0},
};

static void expect(const InventoryDifference *found, const struct Row *row) {
    assert_int_equal(found->kind, row->kind);
    assert_string_equal(found->what, row->what);
    assert_string_equal(found->name, row->name);
    assert_string_equal(found->left, row->left);
    assert_string_equal(found->right, row->right);
    if (found->kind == INVENTORY_NOT_COMPARED)
        assert_true(strlen(found->why) > 0);
}

static void every_difference_is_named(void **state) {
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        const struct Row *row = &rows[at];
        Arena *arena = arena_new();
        Inventory *left = sample(arena, "left"), *right = sample(arena, "right");
        if (row->change != NULL)
            row->change(right);
        inventory_seal(left);
        inventory_seal(right);
        InventoryDifferences found;
        inventory_compare(arena, left, right, &found);
        if (found.count != row->count)
            fail_msg("%s: %zu differences instead of %zu, first %s", row->title, found.count, row->count,
                     found.count == 0 ? "none" : found.items[0].name);
        if (row->count > 0)
            expect(&found.items[0], row);
        arena_free(arena);
    }
}

static void one_database_of_many(void **state) {
    Arena *arena = arena_new();
    Inventory *all = inventory_new(arena, INVENTORY_BACKUP, "dumpall"),
              *live = inventory_new(arena, INVENTORY_LIVE, "app");
    inventory_table(all, "app", "public", "t");
    inventory_table(all, "zoo", "public", "t");
    inventory_table(all, "zoo", "public", "u");
    live->database = "app";
    inventory_table(live, "", "public", "t");
    inventory_seal(all);
    inventory_seal(live);
    InventoryDifferences found;
    inventory_compare(arena, all, live, &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].kind, INVENTORY_NOT_COMPARED);
    assert_string_equal(found.items[0].name, "zoo");
    inventory_compare(arena, live, all, &found);
    assert_int_equal(found.count, 1);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_difference_is_named),
                                       cmocka_unit_test(one_database_of_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
