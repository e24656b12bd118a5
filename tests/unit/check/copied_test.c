/* SPDX-License-Identifier: PostgreSQL */
#include "world.h"

#include "check/examined.h"

/* A world whose backup was restored: the copy holds what the dump holds, and nothing is wrong with it. */
typedef struct Copied {
    World *world;
    Inventory *copy;
    CheckCopies copies;
    Restore restore;
    Examination examination;
} Copied;

static Copied *copied_new(void) {
    World *world = world_new();
    Copied *copied = ARENA_NEW(world->arena, Copied);
    copied->world = world;
    copied->copy = world_inventory(world->arena, INVENTORY_LIVE);
    *LIST_PUSH(world->arena, copied->copies) = copied->copy;
    copied->restore = (Restore){.stand_ins = "", .stubs = "", .seconds = 1.5};
    *LIST_PUSH(world->arena, copied->restore.databases) = "app";
    for (size_t at = 0; at < EXAMINE_PROBES; at++)
        copied->examination.results[at] = (ExamineResult){.ran = true, .looked_at = 5};
    world->context.restore_asked = true;
    world->context.restore = &copied->restore;
    world->context.restored = &copied->copies;
    world->context.examination = &copied->examination;
    return copied;
}

static void add_error(Copied *copied, ExplainClass class, const char *statement) {
    copied->restore.counts[class]++;
    *LIST_PUSH(copied->world->arena, copied->restore.errors) = (RestoreError){.class = class,
                                                                              .rule = "r",
                                                                              .reason = "a reason",
                                                                              .object = "TABLE x",
                                                                              .message = "it failed",
                                                                              .statement = statement,
                                                                              .count = 1};
}

static void add_fact(Copied *copied, ExamineProbe probe) {
    ExamineResult *result = &copied->examination.results[probe];
    result->found++;
    *LIST_PUSH(copied->world->arena, result->facts) = (ExamineFact){"public.x", "good", "bad"};
}

static void untouched(Copied *copied) {
    (void)copied;
}
static void nobody_asked(Copied *copied) {
    copied->world->context.restore_asked = false;
    copied->world->context.restore = NULL;
    copied->world->context.restored = NULL;
    copied->world->context.examination = NULL;
}
static void not_restored(Copied *copied) {
    nobody_asked(copied);
    copied->world->context.restore_asked = true;
    copied->world->context.restore_error = err_new(copied->world->arena, ERR_LIMIT, "no space");
}
static void not_looked_at(Copied *copied) {
    copied->world->context.restored = NULL;
    copied->world->context.examination = NULL;
    copied->world->context.examine_error = err_new(copied->world->arena, ERR_CONNECT, "gone");
}
static void real_error(Copied *copied) {
    add_error(copied, EXPLAIN_REAL, "CREATE TABLE x ()");
}
static void counted_error(Copied *copied) { /* more than are kept */
    copied->restore.counts[EXPLAIN_REAL] = 1;
}
static void explained_error(Copied *copied) {
    add_error(copied, EXPLAIN_MISSING_EXTENSION, "CREATE INDEX contacts_note ON contacts");
}
static void hostile(Copied *copied) {
    copied->restore.counts[EXPLAIN_REFUSED] = 1;
    *LIST_PUSH(copied->world->arena, copied->restore.hostile) =
        (RestoreNote){"byte 5: \"\\\\! id\"", "psql would obey"};
}
static void restored_nowhere(Copied *copied) {
    copied->restore.databases.count = 0;
}
static InventoryTable *orders(Copied *copied) {
    return inventory_table(copied->copy, "", "public", "orders");
}
static void fewer_rows(Copied *copied) {
    orders(copied)->rows = 199;
}
static void more_rows(Copied *copied) {
    orders(copied)->rows = 201;
}
static void uncounted_rows(Copied *copied) {
    orders(copied)->count = INVENTORY_UNKNOWN;
    orders(copied)->unknown_why = "lock timeout";
}
static void other_content(Copied *copied) {
    orders(copied)->digest.low++;
}
static void new_table_in_dump(Copied *copied) {
    world_table(copied->world->dump, "public", "lost", 3);
    world_table(copied->world->live, "public", "lost", 3);
}
static void lost_index(Copied *copied) {
    const InventoryObject object = {.kind = "INDEX", .schema = "public", .table = "orders", .name = "orders_idx"};
    inventory_object(copied->world->dump, &object);
    inventory_object(copied->world->live, &object);
}
static void lost_index_explained(Copied *copied) {
    lost_index(copied);
    add_error(copied, EXPLAIN_MISSING_EXTENSION, "CREATE INDEX orders_idx ON orders USING hnsw (e)");
}
static void without_attestation(Copied *copied) {
    copied->world->context.attestation = NULL;
}
static void without_source(Copied *copied) {
    without_attestation(copied);
    copied->world->context.live = NULL;
    copied->world->context.live_asked = false;
}
static void without_live(Copied *copied) {
    copied->world->context.live = NULL;
    copied->world->context.live_asked = false;
}
static void not_as_attested(Copied *copied) {
    without_live(copied);
    inventory_table(copied->world->attested, "", "public", "orders")->rows = 201;
}
static void copy_not_as_attested(Copied *copied) {
    without_live(copied);
    fewer_rows(copied);
}
static void copy_content_not_as_attested(Copied *copied) {
    other_content(copied);
}
static void copy_sequence_not_as_attested(Copied *copied) {
    copied->copy->sequences.items[0].value++;
}
static void copy_has_other_structure(Copied *copied) {
    const InventoryObject object = {.kind = "VIEW", .schema = "auth", .name = "stub"};
    inventory_object(copied->copy, &object);
}
static void attested_copy_uncounted(Copied *copied) {
    not_looked_at(copied);
}
static void live_unreadable(Copied *copied) {
    without_attestation(copied);
    copied->world->context.live = NULL;
    copied->world->context.live_error = err_new(copied->world->arena, ERR_CONNECT, "refused");
}
static void other_definition(Copied *copied) {
    copied->copy->traits.items[1].value = "character varying";
}
static void other_access(Copied *copied) {
    copied->copy->traits.items[0].value = "owner app; anon: SELECT";
}
static void other_version(Copied *copied) {
    copied->copy->traits.items[2].value = "1.1";
}
static void other_major(Copied *copied) {
    other_definition(copied);
    copied->copy->server_major = 99;
}
static void trait_missing(Copied *copied) { /* whatever is not in both is told by others */
    copied->copy->traits.items[1].name = "column public.contacts.other";
}
static void traits_of_the_platform(Copied *copied) {
    other_definition(copied);
    for (size_t at = 0; at < 3; at++) {
        copied->world->live->traits.items[at].schema = "stub";
        copied->copy->traits.items[at].schema = "stub";
    }
}
static void traits_unknown(Copied *copied) {
    copied->copy->traits_known = false;
}
static void large_object_lost(Copied *copied) {
    copied->copy->large_objects = copied->world->dump->large_objects + 1;
}
static void sequence_elsewhere(Copied *copied) {
    copied->copy->sequences.items[0].value++;
}
static void security_lost(Copied *copied) {
    inventory_table(copied->copy, "", "public", "contacts")->row_security = false;
}
static void column_lost(Copied *copied) {
    inventory_table(copied->copy, "", "public", "contacts")->columns.count--;
}
static void logging_changed(Copied *copied) {
    orders(copied)->unlogged = true;
}
static void empty_table_lost(Copied *copied) {
    new_table_in_dump(copied);
    inventory_table(copied->world->dump, "", "public", "lost")->has_data = false;
}
static void extension_lost(Copied *copied) {
    *LIST_PUSH(copied->world->arena, copied->world->dump->extensions) =
        (InventoryExtension){.database = "", .name = "pg_trgm", .schema = "public", .version = ""};
}
static void extension_absent(Copied *copied) {
    extension_lost(copied);
    *LIST_PUSH(copied->world->arena, copied->restore.absent_extensions) = "pg_trgm";
}
static void probe_blind(Copied *copied) {
    copied->examination.results[EXAMINE_FOREIGN_KEYS] = (ExamineResult){.why = "statement timeout"};
}
static void questions_none(Copied *copied) {
    copied->examination.results[EXAMINE_QUESTIONS] = (ExamineResult){.why = "no questions are configured"};
}

#define FACT(name, probe)                                                                                              \
    static void name(Copied *copied) {                                                                                 \
        add_fact(copied, probe);                                                                                       \
    }
FACT(orphans, EXAMINE_FOREIGN_KEYS)
FACT(behind, EXAMINE_SEQUENCES)
FACT(invalid, EXAMINE_INDEXES)
FACT(unvalidated, EXAMINE_CONSTRAINTS)
FACT(disabled, EXAMINE_TRIGGERS)
FACT(unprotected, EXAMINE_POLICIES)
FACT(broken_view, EXAMINE_VIEWS)
FACT(broken_function, EXAMINE_FUNCTIONS)
FACT(torn, EXAMINE_PAGES)
FACT(answered, EXAMINE_QUESTIONS)
FACT(read_only, EXAMINE_WRITES)
FACT(visible, EXAMINE_STRANGERS)

static const struct {
    const char *name;
    void (*change)(Copied *copied);
    const char *check;
    CheckStatus status;
    const char *finding; /* NULL: none */
} cases[] = {
    {"control", untouched, "restore", CHECK_PASS, NULL},
    {"nobody asked", nobody_asked, "restore", CHECK_SKIPPED, NULL},
    {"nobody asked: copy", nobody_asked, "copy", CHECK_SKIPPED, NULL},
    {"nobody asked: keys", nobody_asked, "foreign-keys", CHECK_SKIPPED, NULL},
    {"not restored", not_restored, "restore", CHECK_UNKNOWN, NULL},
    {"not restored: copy", not_restored, "copy", CHECK_UNKNOWN, NULL},
    {"not restored: keys", not_restored, "foreign-keys", CHECK_UNKNOWN, NULL},
    {"not restored: questions", not_restored, "questions", CHECK_UNKNOWN, NULL},
    {"not looked at: copy", not_looked_at, "copy", CHECK_UNKNOWN, NULL},
    {"not looked at: writes", not_looked_at, "writes", CHECK_UNKNOWN, NULL},
    {"real error", real_error, "restore", CHECK_FAIL, "restore-failed"},
    {"error that was only counted", counted_error, "restore", CHECK_FAIL, "restore-failed"},
    {"explained error", explained_error, "restore", CHECK_PASS, "restore-explained"},
    {"hostile", hostile, "restore", CHECK_FAIL, "dump-hostile"},
    {"restored nowhere", restored_nowhere, "restore", CHECK_UNKNOWN, NULL},
    {"fewer rows", fewer_rows, "copy", CHECK_FAIL, "copy-rows-differ"},
    {"more rows", more_rows, "copy", CHECK_FAIL, "copy-rows-differ"},
    {"rows not counted", uncounted_rows, "copy", CHECK_FAIL, "copy-rows-differ"},
    {"other content", other_content, "copy", CHECK_FAIL, "copy-content-differs"},
    {"a table is lost", new_table_in_dump, "copy", CHECK_FAIL, "copy-rows-differ"},
    {"an index is lost", lost_index, "copy", CHECK_FAIL, "copy-structure-lost"},
    {"an index is lost for a reason", lost_index_explained, "copy", CHECK_PASS, NULL},
    {"a table without rows is lost", empty_table_lost, "copy", CHECK_FAIL, "copy-structure-lost"},
    {"a column is lost", column_lost, "copy", CHECK_FAIL, "copy-structure-lost"},
    {"row security is off", security_lost, "copy", CHECK_FAIL, "copy-structure-lost"},
    {"a table became unlogged", logging_changed, "copy", CHECK_FAIL, "copy-structure-lost"},
    {"an extension is lost", extension_lost, "copy", CHECK_FAIL, "copy-structure-lost"},
    {"an extension is not to be had", extension_absent, "copy", CHECK_PASS, NULL},
    {"a sequence stands elsewhere", sequence_elsewhere, "copy", CHECK_FAIL, "copy-content-differs"},
    {"a large object more", large_object_lost, "copy", CHECK_FAIL, "copy-rows-differ"},
    {"definitions: other", other_definition, "definitions", CHECK_WARN, "definition-differs"},
    {"definitions: access", other_access, "definitions", CHECK_WARN, "access-differs"},
    {"definitions: version", other_version, "definitions", CHECK_PASS, "version-differs"},
    {"definitions: another major", other_major, "definitions", CHECK_PASS, "definition-differs"},
    {"definitions: not in both", trait_missing, "definitions", CHECK_PASS, NULL},
    {"definitions: stand-ins", traits_of_the_platform, "definitions", CHECK_PASS, NULL},
    {"definitions: untold", traits_unknown, "definitions", CHECK_SKIPPED, NULL},
    {"definitions: no live", without_source, "definitions", CHECK_SKIPPED, NULL},
    {"definitions: live unreadable", live_unreadable, "definitions", CHECK_UNKNOWN, NULL},
    {"source: live", without_attestation, "source", CHECK_PASS, NULL},
    {"source: attestation", without_live, "source", CHECK_PASS, NULL},
    {"source: both", untouched, "source", CHECK_PASS, NULL},
    {"source: not as attested", not_as_attested, "source", CHECK_UNKNOWN, NULL},
    {"source: copy not as attested", copy_not_as_attested, "source", CHECK_FAIL, "attestation-differs"},
    {"source: content of the copy", copy_content_not_as_attested, "source", CHECK_FAIL, "attestation-differs"},
    {"source: sequence of the copy", copy_sequence_not_as_attested, "source", CHECK_FAIL, "attestation-differs"},
    {"source: structure of the copy", copy_has_other_structure, "source", CHECK_PASS, NULL},
    {"source: copy not counted", attested_copy_uncounted, "source", CHECK_UNKNOWN, NULL},
    {"source: rows of one table not counted", uncounted_rows, "source", CHECK_UNKNOWN, NULL},
    {"source: none", without_source, "source", CHECK_SKIPPED, NULL},
    {"source: live unreadable", live_unreadable, "source", CHECK_UNKNOWN, NULL},
    {"orphans", orphans, "foreign-keys", CHECK_FAIL, "foreign-key-orphans"},
    {"orphans not looked for", probe_blind, "foreign-keys", CHECK_UNKNOWN, NULL},
    {"sequence", behind, "sequences", CHECK_FAIL, "sequence-behind"},
    {"index", invalid, "indexes", CHECK_FAIL, "index-invalid"},
    {"constraint", unvalidated, "constraints", CHECK_WARN, "constraint-not-validated"},
    {"trigger", disabled, "triggers", CHECK_WARN, "trigger-disabled"},
    {"policy", unprotected, "policies", CHECK_FAIL, "row-security-off"},
    {"view", broken_view, "views", CHECK_WARN, "view-broken"},
    {"function", broken_function, "functions", CHECK_WARN, "function-broken"},
    {"pages", torn, "pages", CHECK_FAIL, "index-inconsistent"},
    {"question", answered, "questions", CHECK_FAIL, "answer-unexpected"},
    {"no questions", questions_none, "questions", CHECK_SKIPPED, NULL},
    {"write", read_only, "writes", CHECK_FAIL, "not-writable"},
    {"stranger", visible, "strangers", CHECK_WARN, "visible-to-strangers"},
};

/* restorability is of the third rung and needs no copy: checks_test.c has it. */
static bool is_of_copy(const Check *check) {
    return check->level > 2 && strcmp(check->id, "restorability") != 0;
}

static bool has_finding(const CheckResult *result, const char *id) {
    LIST_EACH (const Finding, finding, result->findings)
        if (strcmp(finding->id, id) == 0)
            return true;
    return false;
}

static void test_cases(void **state) {
    (void)state;
    for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
        Copied *copied = copied_new();
        CheckResults results = {0};
        cases[at].change(copied);
        inventory_seal(copied->copy);
        world_judge(copied->world, &results);
        const CheckResult *result = world_result(&results, cases[at].check);
        bool right = result->status == cases[at].status &&
                     (cases[at].finding == NULL ? result->findings.count == 0 : has_finding(result, cases[at].finding));
        if (!right)
            fail_msg("%s: %s is %s, with %zu findings", cases[at].name, cases[at].check,
                     check_status_name(result->status), result->findings.count);
        arena_free(copied->world->arena);
    }
}

static void test_control(void **state) {
    (void)state;
    Copied *copied = copied_new();
    CheckResults results = {0};
    inventory_seal(copied->copy);
    world_judge(copied->world, &results);
    LIST_EACH (const CheckResult, result, results)
        if (is_of_copy(result->check) && (result->status != CHECK_PASS || result->findings.count != 0))
            fail_msg("%s is %s", result->check->id, check_status_name(result->status));
    arena_free(copied->world->arena);
}

static void test_every_finding_has_a_case(void **state) {
    (void)state;
    for (const Check *const *check = check_table; *check != NULL; check++) {
        for (const CheckFinding *const *finding = (*check)->findings; is_of_copy(*check) && *finding != NULL;
             finding++) {
            bool found = false;
            for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++)
                found |= cases[at].finding != NULL && strcmp(cases[at].finding, (*finding)->id) == 0;
            if (!found)
                fail_msg("no case finds %s", (*finding)->id);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_control), cmocka_unit_test(test_cases),
                                       cmocka_unit_test(test_every_finding_has_a_case)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
