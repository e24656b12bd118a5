/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventory/saved.h"

static void name_columns(Arena *arena, InventoryTable *table, const char *first, const char *second) {
    *LIST_PUSH(arena, table->columns) = first;
    *LIST_PUSH(arena, table->columns) = second;
    *LIST_PUSH(arena, table->copy_columns) = first;
}

/* Every field of every list with a value of its own. */
static Inventory *full(Arena *arena) {
    Inventory *inventory = inventory_new(arena, INVENTORY_LIVE, "database app at h:5432 as me");
    assert_true(time_parse(TEXT("2026-11-23T05:00:00.250Z"), &inventory->taken_at));
    inventory->server_version = "17.11 (Debian)";
    inventory->server_major = 17;
    inventory->encoding = "UTF8";
    inventory->database = "app";
    inventory->system_identifier = "7456123456789012345";
    inventory->time_zone = "Europe/Berlin";
    inventory->large_objects_known = inventory->large_objects_digested = true;
    inventory->large_objects = 2;
    inventory->large_object_bytes = 77;
    inventory->large_object_digest = (HashSum){.low = 1, .high = UINT64_MAX};
    InventoryTable *table = inventory_table(inventory, "app", "odd", "We\"ird\nNäme\033");
    table->unlogged = table->partition = table->row_security = table->has_data = true;
    table->count = INVENTORY_EXACT;
    table->rows = UINT64_MAX;
    table->unknown_why = NULL;
    table->bytes = 8192;
    table->digested = true;
    table->digest = (HashSum){.low = 0xabc, .high = 0xdef0000000000000};
    name_columns(arena, table, "a b", "generated");
    table = inventory_table(inventory, "app", "public", "latin \xe4\xf6");
    table->kind = 'p';
    table->has_data = true;
    table->count = INVENTORY_ESTIMATE;
    table->rows = 10;
    table->unknown_why = NULL;
    table->undigested_why = "too large";
    table = inventory_table(inventory, "zoo", "public", "hidden");
    table->unknown_why = "row-level security";
    table->extension_owned = true;
    inventory_object(inventory,
                     &(InventoryObject){
                         .database = "app", .kind = "TRIGGER", .schema = "s", .table = "t", .name = "n", .owner = "o"});
    inventory_object(inventory, &(InventoryObject){.database = "zoo", .kind = "SCHEMA", .name = "s"});
    *LIST_PUSH(arena, inventory->sequences) = (InventorySequence){
        .database = "app", .schema = "s", .name = "q", .known = true, .value = INT64_MIN, .called = true};
    *LIST_PUSH(arena, inventory->sequences) = (InventorySequence){.database = "zoo", .schema = "s", .name = "unknown"};
    *LIST_PUSH(arena, inventory->extensions) =
        (InventoryExtension){.database = "app", .name = "vector", .schema = "public", .version = "0.8.0"};
    inventory_role(inventory, "app")->defined = true;
    inventory_role(inventory, "gone")->referenced = true;
    *LIST_PUSH(arena, inventory->databases) = "app";
    *LIST_PUSH(arena, inventory->databases) = "zoo";
    inventory_seal(inventory);
    return inventory;
}

static void the_same_comes_back(void **state) {
    Arena *arena = arena_new();
    const Inventory *before = full(arena);
    char path[] = "/tmp/saved_test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_null(saved_write(arena, before, path));
    bool recognised = false;
    assert_null(saved_recognise(arena, path, &recognised));
    assert_true(recognised);
    Inventory *after;
    Err *err = saved_read(arena, path, &after);
    unlink(path);
    if (err != NULL)
        fail_msg("%s", err_text(arena, err));
    InventoryDifferences differences;
    inventory_compare(arena, before, after, &differences);
    /* The sequence that is unknown on both sides, and the estimate. */
    assert_int_equal(differences.count, 2);
    assert_int_equal(after->origin, INVENTORY_SAVED);
    assert_int_equal(after->roles.count, 2);
    assert_true(after->roles.items[0].defined && after->roles.items[1].referenced);
    /* Everything else: what is written of it again is the same text. */
    assert_string_equal(json_render(arena, saved_json(arena, before), false),
                        json_render(arena, saved_json(arena, after), false));
    const InventoryTable *latin = inventory_find_table(after, "app", "public", "latin \xe4\xf6");
    assert_non_null(latin);
    assert_int_equal(latin->kind, 'p');
    arena_free(arena);
}

static const char report[] =
    "{\"schema\": \"lifeboat.report/1\", \"verdict\": \"pass\", \"inventory\": {\"label\": \"backup\", \"taken_at\": "
    "null,"
    " \"large_objects\": null, \"extensions\": [\"vector\"], \"tables\": [{\"schema\": \"public\", \"name\": "
    "\"contacts\","
    " \"kind\": \"r\", \"count\": \"exact\", \"rows\": 5, \"bytes\": 10, \"digest\": null}, {\"schema\": \"public\","
    " \"name\": \"x\", \"kind\": \"r\", \"count\": \"unknown\", \"rows\": null, \"bytes\": 0, \"digest\": null}]}}";

static void a_report_gives_its_tables(void **state) {
    Arena *arena = arena_new();
    json_t *document;
    Inventory *inventory;
    assert_null(json_parse_text(arena, text_of(report), &document));
    assert_null(saved_parse(arena, document, &inventory));
    assert_true(inventory->tables_only);
    const InventoryTable *table = inventory_find_table(inventory, "", "public", "contacts");
    assert_true(table != NULL && table->count == INVENTORY_EXACT && table->rows == 5 && table->has_data);
    assert_int_equal(inventory_find_table(inventory, "", "public", "x")->count, INVENTORY_UNKNOWN);
    Inventory *other = inventory_new(arena, INVENTORY_LIVE, "live");
    inventory_object(other, &(InventoryObject){.kind = "SCHEMA", .name = "crm"});
    inventory_seal(other);
    InventoryDifferences differences;
    inventory_compare(arena, inventory, other, &differences);
    assert_int_equal(differences.count, 3); /* two tables, and that structure was not compared */
    assert_int_equal(differences.items[2].kind, INVENTORY_NOT_COMPARED);
    assert_string_equal(differences.items[2].what, "STRUCTURE");
    arena_free(arena);
}

#define HEAD "{\"schema\": \"lifeboat.inventory/1\", "
#define REST ", \"sequences\": [], \"extensions\": [], \"objects\": [], \"roles\": []}"
#define TABLE "\"schema\": \"s\", \"name\": \"t\", \"kind\": \"r\""

static void hostile_documents_are_refused(void **state) {
    static const struct {
        const char *document;
        const char *says; /* NULL: the control, which is accepted */
    } rows[] = {
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"exact\", \"rows\": 1}]" REST, NULL},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"exact\"}]" REST, "rows is missing"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"exact\", \"rows\": null}]" REST, "rows is missing"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"exact\", \"rows\": -1}]" REST, "rows is not a number"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"exact\", \"rows\": 1.5}]" REST, "rows is not a number"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"exact\", \"rows\": \"99999999999999999999\"}]" REST,
         "rows is not a number"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"maybe\", \"rows\": 1}]" REST, "count"},
        {HEAD "\"tables\": [{" TABLE "}]" REST, "count"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"unknown\"}, {" TABLE ", \"count\": \"unknown\"}]" REST, "twice"},
        {HEAD "\"tables\": [{\"schema\": \"s\", \"name\": \"t\", \"kind\": \"x\", \"count\": \"unknown\"}]" REST,
         "kind"},
        {HEAD "\"tables\": [{\"schema\": \"s\", \"name\": 5, \"kind\": \"r\", \"count\": \"unknown\"}]" REST, "name"},
        {HEAD
         "\"tables\": [{\"schema\": \"s\", \"name\": {\"hex\": \"0\"}, \"kind\": \"r\", \"count\": \"unknown\"}]" REST,
         "name"},
        {HEAD "\"tables\": [{\"schema\": \"s\", \"name\": {\"hex\": \"4100\"}, \"kind\": \"r\", \"count\": "
              "\"unknown\"}]" REST,
         "name"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"unknown\", \"digest\": \"zz\"}]" REST, "digest"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"unknown\", \"columns\": 1}]" REST, "columns"},
        {HEAD "\"tables\": [{" TABLE ", \"count\": \"unknown\", \"unlogged\": 1}]" REST, "unlogged"},
        {HEAD "\"tables\": [1]" REST, "not an object"},
        {HEAD "\"tables\": {}" REST, "missing"},
        {HEAD "\"tables\": []}", "sequences"},
        {HEAD "\"taken_at\": \"yesterday\", \"tables\": []" REST, "taken_at"},
        {"{\"schema\": \"lifeboat.inventory/2\", \"tables\": []" REST, "schema"},
        {"{\"schema\": \"lifeboat.report/1\", \"inventory\": null}", "no inventory"},
        {"[]", "schema"},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Arena *arena = arena_new();
        json_t *document;
        Inventory *inventory;
        assert_null(json_parse_text(arena, text_of(rows[at].document), &document));
        Err *err = saved_parse(arena, document, &inventory);
        if ((err == NULL) != (rows[at].says == NULL))
            fail_msg("%s: %s", rows[at].document, err == NULL ? "accepted" : err_text(arena, err));
        if (err != NULL) {
            assert_int_equal(err->kind, ERR_DATA);
            if (strstr(err_text(arena, err), rows[at].says) == NULL)
                fail_msg("%s: %s", rows[at].document, err_text(arena, err));
        }
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_comes_back),
                                       cmocka_unit_test(a_report_gives_its_tables),
                                       cmocka_unit_test(hostile_documents_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
