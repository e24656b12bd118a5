/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "inventory/inventory.h"

static int with_arena(void **state) {
    *state = arena_new();
    return 0;
}

static int without_arena(void **state) {
    arena_free(*state);
    return 0;
}

static Inventory *named(Arena *arena, const char *const *tables) {
    Inventory *inventory = inventory_new(arena, INVENTORY_LIVE, "test");
    for (size_t at = 0; tables[at] != NULL; at += 2)
        inventory_table(inventory, "", tables[at], tables[at + 1]);
    inventory_seal(inventory);
    return inventory;
}

static void finds_what_was_added(void **state) {
    Inventory *inventory = inventory_new(*state, INVENTORY_BACKUP, NULL);
    char name[16];
    for (int at = 0; at < 5000; at++) { /* enough to grow the lookup several times */
        snprintf(name, sizeof(name), "t%d", (at * 7919) % 5000);
        inventory_table(inventory, "", "public", name)->rows = (uint64_t)((at * 7919) % 5000);
    }
    assert_int_equal(inventory->tables.count, 5000);
    inventory_table(inventory, "", "public", "t17")->count = INVENTORY_EXACT; /* finds, does not add */
    assert_int_equal(inventory->tables.count, 5000);
    inventory_seal(inventory);
    for (int at = 0; at < 5000; at++) {
        snprintf(name, sizeof(name), "t%d", at);
        const InventoryTable *table = inventory_find_table(inventory, "", "public", name);
        assert_non_null(table);
        assert_string_equal(table->name, name);
        assert_int_equal(table->rows, at);
        if (at > 0)
            assert_true(strcmp(inventory->tables.items[at - 1].name, inventory->tables.items[at].name) < 0);
    }
    assert_null(inventory_find_table(inventory, "", "public", "t5000"));
    assert_null(inventory_find_table(inventory, "", "publict", "17")); /* parts do not run together */
    assert_int_equal(inventory_total_rows(inventory), 17);             /* only one is counted */
}

static void a_new_table_is_unknown(void **state) {
    Inventory *inventory = inventory_new(*state, INVENTORY_BACKUP, NULL);
    const InventoryTable *table = inventory_table(inventory, NULL, "s", "t");
    assert_int_equal(table->count, INVENTORY_UNKNOWN);
    assert_non_null(table->unknown_why);
    assert_string_equal(table->database, "");
}

static void database_may_be_left_out_when_there_is_one(void **state) {
    Inventory *one = inventory_new(*state, INVENTORY_BACKUP, NULL);
    inventory_table(one, "app", "public", "t");
    inventory_seal(one);
    assert_non_null(inventory_find_table(one, "", "public", "t"));
    assert_non_null(inventory_find_table(one, "app", "public", "t"));
    assert_null(inventory_find_table(one, "other", "public", "t"));

    Inventory *two = inventory_new(*state, INVENTORY_BACKUP, NULL);
    inventory_table(two, "app", "public", "t");
    inventory_table(two, "zoo", "public", "t");
    inventory_seal(two);
    assert_null(inventory_find_table(two, "", "public", "t"));
    assert_non_null(inventory_find_table(two, "zoo", "public", "t"));

    Inventory *live = inventory_new(*state, INVENTORY_LIVE, NULL);
    live->database = "app";
    inventory_table(live, "", "public", "t");
    inventory_seal(live);
    assert_non_null(inventory_find_table(live, "app", "public", "t"));
    assert_null(inventory_find_table(live, "zoo", "public", "t"));
}

static void objects_are_kept_once_and_normalised(void **state) {
    Inventory *inventory = inventory_new(*state, INVENTORY_BACKUP, NULL);
    const InventoryObject fk = {.kind = "FK CONSTRAINT", .schema = "public", .table = "t", .name = "t_fk"};
    const InventoryObject constraint = {.kind = "CONSTRAINT", .schema = "public", .table = "t", .name = "t_fk"};
    const InventoryObject index = {.kind = "INDEX", .schema = "public", .table = "t", .name = "t_idx"};
    const InventoryObject bare_index = {.kind = "INDEX", .schema = "public", .name = "t_idx"};
    inventory_object(inventory, &fk);
    inventory_object(inventory, &constraint);
    inventory_object(inventory, &index);
    inventory_seal(inventory);
    assert_int_equal(inventory->objects.count, 2);
    assert_string_equal(inventory->objects.items[0].kind, "CONSTRAINT");
    assert_true(inventory_has_object(inventory, &fk));
    assert_true(inventory_has_object(inventory, &bare_index));
    const InventoryObject elsewhere = {.kind = "CONSTRAINT", .schema = "public", .table = "u", .name = "t_fk"};
    assert_false(inventory_has_object(inventory, &elsewhere));
}

static void resolves_what_people_write(void **state) {
    static const char *const tables[] = {"public", "contacts", "crm",  "contacts", "crm",    "Weird Näme",
                                         "a",      "twice",    "b",    "twice",    "public", "dot.ted",
                                         "public", "Capital",  "only", "here",     NULL};
    static const struct {
        const char *written, *schema, *name;
        bool ambiguous;
    } rows[] = {
        {"contacts", "public", "contacts", false},
        {"CONTACTS", "public", "contacts", false},
        {"crm.contacts", "crm", "contacts", false},
        {" \"crm\".\"contacts\" ", "crm", "contacts", false},
        {"crm.\"Weird Näme\"", "crm", "Weird Näme", false},
        {"crm.Weird Näme", "crm", "Weird Näme", false},
        {"Capital", "public", "Capital", false},
        {"dot.ted", "public", "dot.ted", false},
        {"here", "only", "here", false},
        {"twice", NULL, NULL, true},
        {"public.here", NULL, NULL, false},
        {"nothing", NULL, NULL, false},
        {"", NULL, NULL, false},
        {"a.b.c.d", NULL, NULL, false},
    };
    const Inventory *inventory = named(*state, tables);
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        bool ambiguous = !rows[at].ambiguous;
        const InventoryTable *table = inventory_resolve_table(inventory, rows[at].written, &ambiguous);
        assert_int_equal(ambiguous, rows[at].ambiguous);
        assert_int_equal(table != NULL, rows[at].name != NULL);
        if (table != NULL) {
            assert_string_equal(table->schema, rows[at].schema);
            assert_string_equal(table->name, rows[at].name);
        }
    }
}

static void shows_names_quoted_and_harmless(void **state) {
    Inventory *inventory = inventory_new(*state, INVENTORY_BACKUP, NULL);
    assert_string_equal(inventory_table_text(*state, inventory_table(inventory, "", "public", "contacts")),
                        "public.contacts");
    assert_string_equal(inventory_table_text(*state, inventory_table(inventory, "app", "public", "order")),
                        "app.public.\"order\"");
    const char *text = inventory_table_text(*state, inventory_table(inventory, "", "odd", "a\033[2J\nb"));
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\n'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_what_was_added, with_arena, without_arena),
        cmocka_unit_test_setup_teardown(a_new_table_is_unknown, with_arena, without_arena),
        cmocka_unit_test_setup_teardown(database_may_be_left_out_when_there_is_one, with_arena, without_arena),
        cmocka_unit_test_setup_teardown(objects_are_kept_once_and_normalised, with_arena, without_arena),
        cmocka_unit_test_setup_teardown(resolves_what_people_write, with_arena, without_arena),
        cmocka_unit_test_setup_teardown(shows_names_quoted_and_harmless, with_arena, without_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
