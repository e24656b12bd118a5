/* SPDX-License-Identifier: PostgreSQL */
#include "world.h"

static void nothing(World *w) {
    (void)w;
}
static void no_attestation(World *w) {
    w->context.attestation = NULL;
}
static void malformed(World *w) {
    no_attestation(w);
    w->context.attestation_error = err_new(w->arena, ERR_DATA, "it lists no files");
}
static void forbidden(World *w) {
    no_attestation(w);
    w->context.attestation_error = err_new(w->arena, ERR_PERMISSION, "permission denied");
}
static void no_backup(World *w) {
    w->context.backup = NULL;
    w->context.open_error = err_new(w->arena, ERR_NOT_FOUND, "no backup");
}
static void changing(World *w) {
    w->context.changing = true;
}

/* ---- signatures ---- */

static void key_asked(World *w) {
    w->context.verify_key = "/etc/lifeboat/key.pub";
}
static void signed_well(World *w) {
    key_asked(w);
    w->attestation->signature = "c2lnbmVk";
    w->context.signature_valid = true;
}
static void signed_badly(World *w) {
    signed_well(w);
    w->context.signature_valid = false;
}
static void key_and_no_attestation(World *w) {
    key_asked(w);
    no_attestation(w);
}

/* ---- differences ---- */

static void file_differs(World *w) {
    *LIST_PUSH(w->arena, w->context.attestation_files) =
        (BackupDefect){.kind = BACKUP_DEFECT_DECODE, .where = "app.dump", .message = "its SHA-256 is another"};
}
static void globals_gone(World *w) {
    w->attestation->globals = (AttestFile){.name = "app.dump.globals.sql", .size = 1, .sha256 = ""};
    *LIST_PUSH(w->arena, w->context.attestation_files) =
        (BackupDefect){.kind = BACKUP_DEFECT_MISSING, .where = "app.dump.globals.sql", .message = "it was there"};
}
static InventoryTable *orders(Inventory *inventory) {
    return inventory_table(inventory, "", "public", "orders");
}
static void one_row_less(World *w) {
    orders(w->dump)->rows--;
}
static void one_row_less_ignored(World *w) {
    one_row_less(w);
    world_set(w, "ignore", "orders");
}
static void other_content(World *w) {
    orders(w->dump)->digest.high++;
}
static void other_columns(World *w) {
    orders(w->dump)->columns.count = 1;
}
static void not_digested(World *w) {
    orders(w->attested)->digested = false;
}
static void dump_not_digested(World *w) {
    orders(w->dump)->digested = false;
    orders(w->dump)->undigested_why = "its rows stand as INSERT";
}
static void table_lost(World *w) {
    world_table(w->attested, "public", "lost", 3);
}
static void table_more(World *w) {
    world_table(w->dump, "public", "more", 3);
}
static void index_lost(World *w) {
    const InventoryObject object = {.kind = "INDEX", .schema = "public", .table = "orders", .name = "orders_idx"};
    inventory_object(w->attested, &object);
}
static void sequence_differs(World *w) {
    w->dump->sequences.items[0].value--;
}
static void large_object_lost(World *w) {
    w->dump->large_objects--;
}
static void version_known(World *w) { /* a dump does not say the versions of its extensions */
    w->attested->extensions.items[0].version = "0.7";
}
static void extension_rows(World *w) { /* and does not hold their rows */
    InventoryTable *attested = world_table(w->attested, "auth", "of_extension", 0);
    attested->extension_owned = true;
    attested->count = INVENTORY_UNKNOWN;
    attested->unknown_why = "it belongs to an extension";
}
static void dump_not_counted(World *w) {
    orders(w->dump)->count = INVENTORY_UNKNOWN;
    orders(w->dump)->unknown_why = "damaged";
}

static const struct {
    const char *name;
    void (*change)(World *world);
    CheckStatus status;
    const char *finding, *where; /* NULL: none */
    bool attested;
} cases[] = {
    {"control", nothing, CHECK_PASS, NULL, NULL, true},
    {"none", no_attestation, CHECK_SKIPPED, NULL, NULL, false},
    {"malformed", malformed, CHECK_FAIL, "attestation-unreadable", "", false},
    {"forbidden", forbidden, CHECK_UNKNOWN, NULL, NULL, false},
    {"no backup", no_backup, CHECK_UNKNOWN, NULL, NULL, false},
    {"changing", changing, CHECK_UNKNOWN, NULL, NULL, false},
    {"a signature is asked for", key_asked, CHECK_FAIL, "attestation-signature", "", false},
    {"signed well", signed_well, CHECK_PASS, NULL, NULL, true},
    {"signed badly", signed_badly, CHECK_FAIL, "attestation-signature", "", false},
    {"nothing that could be signed", key_and_no_attestation, CHECK_FAIL, "attestation-signature", "", false},
    {"a file differs", file_differs, CHECK_FAIL, "attestation-differs", "app.dump", false},
    {"the globals are gone", globals_gone, CHECK_WARN, "attestation-differs", "app.dump.globals.sql", false},
    {"one row less", one_row_less, CHECK_FAIL, "attestation-differs", "public.orders", false},
    {"one row less, ignored", one_row_less_ignored, CHECK_PASS, NULL, NULL, true},
    {"other content", other_content, CHECK_FAIL, "attestation-differs", "public.orders", false},
    {"other columns", other_columns, CHECK_FAIL, "attestation-differs", "public.orders", false},
    {"counts only", not_digested, CHECK_PASS, NULL, NULL, true},
    {"the dump gives no digest", dump_not_digested, CHECK_UNKNOWN, NULL, NULL, false},
    {"a table is lost", table_lost, CHECK_FAIL, "attestation-differs", "public.lost", false},
    {"a table more", table_more, CHECK_FAIL, "attestation-differs", "public.more", false},
    {"an index is lost", index_lost, CHECK_FAIL, "attestation-differs", "orders_idx on public.orders", false},
    {"a sequence differs", sequence_differs, CHECK_FAIL, "attestation-differs", "public.contacts_id_seq", false},
    {"a large object is lost", large_object_lost, CHECK_FAIL, "attestation-differs", "large objects", false},
    {"the version of an extension", version_known, CHECK_PASS, NULL, NULL, true},
    {"rows not counted in the dump", dump_not_counted, CHECK_UNKNOWN, NULL, NULL, false},
};

static bool found(const CheckResult *result, const char *id, const char *where) {
    LIST_EACH (const Finding, finding, result->findings)
        if (strcmp(finding->id, id) == 0 && strcmp(finding->where, where) == 0)
            return true;
    return false;
}

static void test_cases(void **state) {
    (void)state;
    for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
        World *world = world_new();
        CheckResults results;
        cases[at].change(world);
        world_judge(world, &results);
        const CheckResult *result = world_result(&results, "attestation");
        bool right = result->status == cases[at].status && world->context.attested == cases[at].attested &&
                     (cases[at].finding == NULL ? result->findings.count == 0
                                                : found(result, cases[at].finding, cases[at].where));
        if (!right)
            fail_msg("%s: %s (%s), attested %d, first finding %s at %s", cases[at].name,
                     check_status_name(result->status), result->why == NULL ? "" : result->why, world->context.attested,
                     result->findings.count == 0 ? "-" : result->findings.items[0].id,
                     result->findings.count == 0 ? "-" : result->findings.items[0].where);
        arena_free(world->arena);
    }
}

/* What a server knows of its extensions and no dump holds is no difference. */
static void test_extensions(void **state) {
    (void)state;
    World *world = world_new();
    CheckResults results;
    extension_rows(world);
    InventoryTable *dumped = world_table(world->dump, "auth", "of_extension", 0);
    dumped->has_data = false;
    world_judge(world, &results);
    assert_int_equal(world_result(&results, "attestation")->status, CHECK_PASS);
    arena_free(world->arena);
}

static void test_every_finding_has_a_case(void **state) {
    (void)state;
    const Check *check = check_find("attestation");
    for (const CheckFinding *const *finding = check->findings; *finding != NULL; finding++) {
        bool covered = false;
        for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++)
            covered |= cases[at].finding != NULL && strcmp(cases[at].finding, (*finding)->id) == 0;
        if (!covered)
            fail_msg("no case finds %s", (*finding)->id);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_extensions),
                                       cmocka_unit_test(test_every_finding_has_a_case)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
