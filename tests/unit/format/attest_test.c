/* SPDX-License-Identifier: PostgreSQL */
#include "format/attest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "source/companion.h"

/* A folder with a directory-format backup of two files, its globals, and two key pairs. */
typedef struct World {
    Arena *arena;
    const char *folder, *backup, *path;
    Attest attest;
} World;

static void remove_folder(void *path) {
    Arena *arena = arena_new();
    assert_null(file_remove_tree(arena, path));
    arena_free(arena);
}

static void put(World *world, const char *name, const char *text, mode_t mode) {
    const char *path = file_join(world->arena, world->folder, name);
    assert_null(file_write_atomic(world->arena, path, text_of(text), mode));
}

static const char *at(World *world, const char *name) {
    return file_join(world->arena, world->folder, name);
}

static void make_key(World *world, const char *name) {
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *file = fopen(at(world, name), "w");
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    chmod(at(world, name), 0600);
    file = fopen(arena_printf(world->arena, "%s.pub", at(world, name)), "w");
    assert_int_equal(PEM_write_PUBKEY(file, key), 1);
    fclose(file);
    EVP_PKEY_free(key);
}

static Inventory *make_inventory(Arena *arena) {
    Inventory *inventory = inventory_new(arena, INVENTORY_LIVE, "database app");
    InventoryTable *table = inventory_table(inventory, "", "public", "na\xefve");
    table->kind = 'r';
    table->has_data = table->digested = true;
    table->count = INVENTORY_EXACT;
    table->rows = UINT64_MAX - 1;
    table->digest = (HashSum){.low = 1, .high = UINT64_MAX};
    table->unknown_why = NULL;
    *LIST_PUSH(arena, table->columns) = "id";
    *LIST_PUSH(arena, table->copy_columns) = "id";
    *LIST_PUSH(arena, inventory->sequences) =
        (InventorySequence){.database = "", .schema = "s", .name = "q", .known = true, .value = INT64_MIN};
    inventory->time_zone = "UTC";
    inventory_seal(inventory);
    return inventory;
}

static World *world_new(void) {
    Arena *arena = arena_new();
    World *world = ARENA_NEW(arena, World);
    char *folder = arena_strdup(arena, "/tmp/lifeboat-attest-XXXXXX");
    world->arena = arena;
    world->folder = mkdtemp(folder);
    assert_non_null(world->folder);
    arena_defer(arena, remove_folder, folder);
    world->backup = at(world, "app");
    world->path = companion_attestation(arena, world->backup);
    assert_int_equal(mkdir(world->backup, 0700), 0);
    put(world, "app/toc.dat", "contents", 0600);
    put(world, "app/1.dat", "rows", 0600);
    put(world, "app.globals.sql", "CREATE ROLE app;", 0600);
    make_key(world, "ours");
    make_key(world, "theirs");
    world->attest = (Attest){.backup = "app",
                             .format = "directory",
                             .tool_version = "1",
                             .dump_version = "15.4",
                             .system_identifier = "7",
                             .snapshot_lsn = "0/1",
                             .snapshot_at = 0,
                             .inventory = make_inventory(arena)};
    assert_null(attest_list_files(arena, world->backup, &world->attest));
    return world;
}

static Attest *write_and_read(World *world, const char *key) {
    Attest *read = NULL;
    assert_null(attest_write(world->arena, world->path, &world->attest, key));
    assert_null(attest_read(world->arena, world->path, &read));
    return read;
}

static void test_it_comes_back(void **state) {
    (void)state;
    World *world = world_new();
    InventoryDifferences differences;
    BackupDefects defects = {0};
    Attest *read = write_and_read(world, NULL);
    assert_string_equal(read->snapshot_lsn, "0/1");
    assert_int_equal(read->snapshot_at, 0);
    assert_int_equal(read->files.count, 2);
    assert_string_equal(read->files.items[0].name, "app/1.dat");
    assert_string_equal(read->globals.name, "app.globals.sql");
    assert_null(read->signature);
    attest_compare(world->arena, read->inventory, world->attest.inventory, &differences);
    assert_int_equal(differences.count, 0);
    assert_string_equal(read->inventory->time_zone, "UTC");
    assert_null(attest_check_files(world->arena, read, world->backup, &defects));
    assert_int_equal(defects.count, 0);
    arena_free(world->arena);
}

/* ---- files ---- */

static void changed(World *world) {
    put(world, "app/1.dat", "Rows", 0600);
}
static void longer(World *world) {
    put(world, "app/1.dat", "rows and more", 0600);
}
static void gone(World *world) {
    unlink(at(world, "app/1.dat"));
}
static void more(World *world) {
    put(world, "app/2.dat", "", 0600);
}
static void globals_changed(World *world) {
    put(world, "app.globals.sql", "DROP ROLE app;", 0600);
}
static void globals_gone(World *world) {
    unlink(at(world, "app.globals.sql"));
}

static void test_files(void **state) {
    (void)state;
    static const struct {
        void (*change)(World *world);
        BackupDefectKind kind;
        const char *where;
    } cases[] = {{changed, BACKUP_DEFECT_DECODE, "app/1.dat"},
                 {longer, BACKUP_DEFECT_DECODE, "app/1.dat"},
                 {gone, BACKUP_DEFECT_MISSING, "app/1.dat"},
                 {more, BACKUP_DEFECT_UNEXPECTED, "app/2.dat"},
                 {globals_changed, BACKUP_DEFECT_DECODE, "app.globals.sql"},
                 {globals_gone, BACKUP_DEFECT_MISSING, "app.globals.sql"}};
    for (size_t row = 0; row < sizeof(cases) / sizeof(cases[0]); row++) {
        World *world = world_new();
        BackupDefects defects = {0};
        Attest *read = write_and_read(world, NULL);
        cases[row].change(world);
        assert_null(attest_check_files(world->arena, read, world->backup, &defects));
        assert_int_equal(defects.count, 1);
        assert_int_equal(defects.items[0].kind, cases[row].kind);
        assert_string_equal(defects.items[0].where, cases[row].where);
        arena_free(world->arena);
    }
}

static void test_renamed_together(void **state) {
    (void)state;
    World *world = world_new();
    BackupDefects defects = {0};
    Attest *read = write_and_read(world, NULL);
    assert_int_equal(rename(world->backup, at(world, "other")), 0);
    assert_int_equal(rename(at(world, "app.globals.sql"), at(world, "other.globals.sql")), 0);
    assert_null(attest_check_files(world->arena, read, at(world, "other/"), &defects));
    assert_int_equal(defects.count, 0);
    arena_free(world->arena);
}

/* ---- signatures ---- */

static bool verifies(World *world, const char *key) {
    Attest *read = NULL;
    bool valid = true;
    assert_null(attest_read(world->arena, world->path, &read));
    assert_null(attest_check_signature(world->arena, read, key, &valid));
    return valid;
}

static void replace(World *world, const char *old, const char *new) {
    Buf *bytes;
    assert_null(file_read_all(world->arena, world->path, 1 << 20, &bytes));
    char *found = strstr(bytes->at, old);
    assert_non_null(found);
    const char *text =
        arena_printf(world->arena, "%.*s%s%s", (int)(found - bytes->at), bytes->at, new, found + strlen(old));
    assert_null(file_write_atomic(world->arena, world->path, text_of(text), 0600));
}

static void test_signatures(void **state) {
    (void)state;
    World *world = world_new();
    const char *ours = at(world, "ours.pub"), *theirs = at(world, "theirs.pub");
    assert_non_null(write_and_read(world, at(world, "ours"))->key_id);
    assert_true(verifies(world, ours));
    assert_false(verifies(world, theirs));
    replace(world, "\"0/1\"", "\"0/2\"");
    assert_false(verifies(world, ours));
    replace(world, "\"0/2\"", "\"0/1\"");
    assert_true(verifies(world, ours));
    replace(world, "  \"backup\"", "      \"backup\""); /* how it is laid out is of no matter */
    assert_true(verifies(world, ours));
    replace(world, "\"value\": \"", "\"value\": \"x");
    assert_false(verifies(world, ours));
    write_and_read(world, NULL);
    assert_false(verifies(world, ours));
    arena_free(world->arena);
}

static void test_keys(void **state) {
    (void)state;
    World *world = world_new();
    static const struct {
        const char *name;
        bool private;
        bool good;
    } cases[] = {{"ours", true, true},      {"ours.pub", false, true},         {"ours", false, false},
                 {"ours.pub", true, false}, {"app.globals.sql", false, false}, {"none", true, false}};
    for (size_t row = 0; row < sizeof(cases) / sizeof(cases[0]); row++) {
        chmod(at(world, "ours.pub"), 0600);
        Err *err = attest_check_key(world->arena, at(world, cases[row].name), cases[row].private);
        assert_int_equal(err == NULL, cases[row].good);
    }
    chmod(at(world, "ours"), 0640);
    Err *err = attest_check_key(world->arena, at(world, "ours"), true);
    assert_non_null(err);
    assert_non_null(strstr(err_first_hint(err), "chmod 600"));
    arena_free(world->arena);
}

/* ---- what is no attestation ---- */

static void test_malformed(void **state) {
    (void)state;
    static const struct {
        const char *old, *new;
    } cases[] = {{"lifeboat.attestation/1", "lifeboat.attestation/2"},
                 {"\"app/1.dat\"", "\"app/toc.dat\""},
                 {"\"app/1.dat\"", "\"app/z.dat\""},
                 {"\"app/1.dat\"", "7"},
                 {"\"sha256\": \"", "\"sha256\": \"0"},
                 {"\"size\": 4", "\"size\": -4"},
                 {"\"inventory\": {", "\"inventory\": 7, \"x\": {"},
                 {"\"objects\": [", "\"other\": ["},
                 {"\"snapshot_lsn\"", "\"snapshot_at\""},
                 {"lifeboat.inventory/1\",", "lifeboat.inventory/1\", \"tables_only\": true,"}};
    for (size_t row = 0; row < sizeof(cases) / sizeof(cases[0]); row++) {
        World *world = world_new();
        Attest *read = NULL;
        write_and_read(world, NULL);
        replace(world, cases[row].old, cases[row].new);
        Err *err = attest_read(world->arena, world->path, &read);
        if (err == NULL || err->kind != ERR_DATA)
            fail_msg("%s for %s", cases[row].new, cases[row].old);
        arena_free(world->arena);
    }
}

/* Cut anywhere it is malformed, and nothing worse. */
static void test_cut(void **state) {
    (void)state;
    World *world = world_new();
    Buf *bytes;
    write_and_read(world, at(world, "ours"));
    assert_null(file_read_all(world->arena, world->path, 1 << 20, &bytes));
    for (size_t length = 0; length + 3 < bytes->length; length += 7) {
        Arena *arena = arena_child(world->arena);
        Attest *read = NULL;
        assert_null(file_write_atomic(arena, world->path, (Text){.at = bytes->at, .length = length}, 0600));
        Err *err = attest_read(arena, world->path, &read);
        assert_non_null(err);
        assert_int_equal(err->kind, ERR_DATA);
        arena_free(arena);
    }
    arena_free(world->arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_it_comes_back),
                                       cmocka_unit_test(test_files),
                                       cmocka_unit_test(test_renamed_together),
                                       cmocka_unit_test(test_signatures),
                                       cmocka_unit_test(test_keys),
                                       cmocka_unit_test(test_malformed),
                                       cmocka_unit_test(test_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
