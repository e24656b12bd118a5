/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/text.h"
#include "check/check_table.h"
#include "check/examined.h"
#include "sandbox/restore.h"

static const CheckFinding rows = {
    .id = "copy-rows-differ",
    .severity = CHECK_FAILURE,
    .title = "A restored table does not have the rows that the backup holds",
    .means = "The rows were read from the backup one way and came out of the restored database another way: rows were "
             "refused, or duplicated, on the way in.",
    .action =
        "Look at the restore's errors for this table. Do not rely on this backup; verify the one before it: lifeboat "
        "list shows what there is.",
    .acceptable = false};

static const CheckFinding content = {
    .id = "copy-content-differs",
    .severity = CHECK_FAILURE,
    .title = "A restored table has the right number of rows and other content",
    .means =
        "Values changed between the backup's bytes and the restored database: a trigger or default rewrote them, or a "
        "type writes its values differently in this version.",
    .action = "Restore with --keep and compare the table with live. If a trigger rewrites rows at load, make it ENABLE "
              "REPLICA or drop it from the dump.",
    .acceptable = true};

static const CheckFinding structure = {
    .id = "copy-structure-lost",
    .severity = CHECK_FAILURE,
    .title = "Something that the backup defines is not in the restored copy",
    .means =
        "An index, constraint, policy, trigger, view, function or table is defined in the backup and is missing after "
        "the restore, although nothing explains why.",
    .action =
        "Look at the restore's errors. What the sandbox leaves out on purpose is listed under not tested and is not "
        "reported here.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&rows, &content, &structure, NULL};

typedef struct Tally {
    uint64_t compared, digested, tables, objects;
} Tally;

/* Where in the copy a table of the backup is: a backup of several databases is restored into as many. */
static const InventoryTable *in_copy(const CheckContext *context, const InventoryTable *table) {
    LIST_EACH (const Inventory *const, copy, *context->restored) {
        if (context->restored->count > 1 && table->database[0] != '\0' && strcmp((*copy)->label, table->database) != 0)
            continue;
        const InventoryTable *found = inventory_find_table(*copy, "", table->schema, table->name);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static bool has_object(const CheckContext *context, const InventoryObject *object) {
    InventoryObject anywhere = *object;
    anywhere.database = "";
    LIST_EACH (const Inventory *const, copy, *context->restored)
        if (inventory_has_object(*copy, &anywhere))
            return true;
    return false;
}

static bool comparable(const InventoryTable *table) {
    return table->has_data && (table->kind == 'r' || table->kind == 'm') && table->count == INVENTORY_EXACT;
}

/* A restore in earnest leaves rows out that would act at once (sandbox/keepout.h), and lists them. */
static bool left_out(const CheckContext *context, const InventoryTable *table) {
    const char *data =
        text_safe(context->arena, arena_printf(context->arena, "TABLE DATA %s.%s", table->schema, table->name));
    LIST_EACH (const RestoreNote, note, context->restore->left_out)
        if (strcmp(note->what, data) == 0)
            return true;
    return false;
}

static void compare_table(CheckContext *context, CheckResult *result, const InventoryTable *table, Tally *tally) {
    Arena *arena = context->arena;
    if (!comparable(table) || left_out(context, table))
        return;
    const char *name = inventory_table_text(arena, table);
    const InventoryTable *copy = in_copy(context, table);
    tally->tables++;
    if (copy == NULL || copy->count != INVENTORY_EXACT || copy->rows != table->rows) {
        const char *found = copy == NULL                     ? "no such table"
                            : copy->count != INVENTORY_EXACT ? text_safe(arena, copy->unknown_why)
                                                             : check_count_text(arena, copy->rows, "row");
        const char *held = check_count_text(arena, table->rows, "row");
        Finding *finding = check_report(context, result, &rows, name, "%s: the backup holds %s, the restored copy: %s",
                                        name, held, found);
        finding->expected = held;
        finding->found = found;
        return;
    }
    tally->compared++;
    if (!table->digested || !copy->digested)
        return;
    tally->digested++;
    if (hash_sum_equal(table->digest, copy->digest))
        return;
    Finding *finding = check_report(context, result, &content, name, "%s: the restored rows have other content", name);
    finding->expected = hash_sum_text(arena, table->digest);
    finding->found = hash_sum_text(arena, copy->digest);
}

/* Kinds whose absence after a restore nobody could explain away. What the sandbox leaves out has other kinds. */
static bool matters(const InventoryObject *object) {
    static const char *const kinds[] = {
        "TABLE",    "INDEX",    "CONSTRAINT", "POLICY", "TRIGGER", "VIEW", "MATERIALIZED VIEW",
        "FUNCTION", "SEQUENCE", "TYPE",       "SCHEMA"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(object->kind, kinds[i]) == 0)
            return true;
    return false;
}

static bool is_word(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '$' || (byte & 0x80) != 0;
}

/* The name stands in the text as a whole word: "id" does not stand in "valid". */
static bool names(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = text; length > 0 && (at = strstr(at, name)) != NULL; at++)
        if ((at == text || !is_word(at[-1])) && !is_word(at[length]))
            return true;
    return false;
}

/* An object whose statement failed, which is reported by the check of the restore, or was left out: its name stands in
 * the error or the note. */
static bool accounted_for(const CheckContext *context, const InventoryObject *object) {
    const Restore *restore = context->restore;
    const char *name = text_safe(context->arena, object->name);
    if (strcmp(object->kind, "FUNCTION") == 0)
        name = text_dup(context->arena, text_cut(text_of(name), '(', &(Text){0}));
    LIST_EACH (const RestoreError, error, restore->errors)
        if (names(error->statement, name) || names(error->object, name))
            return true;
    LIST_EACH (const LostObject, lost, restore->lost)
        if (strcmp(lost->kind, object->kind) == 0 && strcmp(lost->schema, object->schema) == 0 &&
            strcmp(lost->name, object->name) == 0)
            return true;
    LIST_EACH (const RestoreNote, note, restore->left_out)
        if (names(note->what, name))
            return true;
    LIST_EACH (const RestoreNote, note, restore->hostile)
        if (names(note->what, name))
            return true;
    return false;
}

static void compare_object(CheckContext *context, CheckResult *result, const InventoryObject *object, Tally *tally) {
    if (!matters(object))
        return;
    tally->objects++;
    if (has_object(context, object) || accounted_for(context, object))
        return;
    Arena *arena = context->arena;
    const char *where = arena_printf(arena, "%s %s%s%s", object->kind, text_safe(arena, object->schema),
                                     object->schema[0] == '\0' ? "" : ".", text_safe(arena, object->name));
    check_report(context, result, &structure, where, "%s is in the backup and not in the restored copy", where);
}

static void report_lost(CheckContext *context, CheckResult *result, const char *where, const char *what) {
    check_report(context, result, &structure, where, "%s: %s in the backup and not in the restored copy", where, what);
}

static bool same_names(const InventoryNames *left, const InventoryNames *right) {
    bool same = left->count == right->count;
    for (size_t at = 0; same && at < left->count; at++) {
        bool found = false;
        for (size_t seek = 0; !found && seek < right->count; seek++)
            found = strcmp(left->items[at], right->items[seek]) == 0;
        same = found;
    }
    return same;
}

/* What a table is, beside its rows. Foreign tables are kept out of the sandbox. */
static void compare_shape(CheckContext *context, CheckResult *result, const InventoryTable *table) {
    const InventoryTable *copy = in_copy(context, table);
    const char *name = inventory_table_text(context->arena, table);
    const InventoryObject as_object = {.kind = "TABLE", .schema = table->schema, .name = table->name};
    if (table->kind == 'f' || table->kind == 'm')
        return;
    if (copy == NULL) {
        if (!comparable(table) && !accounted_for(context, &as_object))
            report_lost(context, result, name, "the table is");
        return;
    }
    if (table->columns.count > 0 && copy->columns.count > 0 && !same_names(&table->columns, &copy->columns))
        report_lost(context, result, name, "other columns are");
    if (table->row_security && !copy->row_security)
        report_lost(context, result, name, "row-level security is on");
    if (table->unlogged != copy->unlogged)
        report_lost(context, result, name, table->unlogged ? "it is unlogged" : "it is logged");
}

static const InventorySequence *sequence_in_copy(const CheckContext *context, const InventorySequence *sequence) {
    LIST_EACH (const Inventory *const, copy, *context->restored) {
        if (context->restored->count > 1 && sequence->database[0] != '\0' &&
            strcmp((*copy)->label, sequence->database) != 0)
            continue;
        LIST_EACH (const InventorySequence, found, (*copy)->sequences)
            if (strcmp(found->schema, sequence->schema) == 0 && strcmp(found->name, sequence->name) == 0)
                return found;
    }
    return NULL;
}

static void compare_sequence(CheckContext *context, CheckResult *result, const InventorySequence *sequence) {
    Arena *arena = context->arena;
    const InventorySequence *copy = sequence_in_copy(context, sequence);
    const char *where =
        arena_printf(arena, "sequence %s.%s", text_safe(arena, sequence->schema), text_safe(arena, sequence->name));
    const InventoryObject as_object = {.kind = "SEQUENCE", .schema = sequence->schema, .name = sequence->name};
    if (copy == NULL && !accounted_for(context, &as_object))
        report_lost(context, result, where, "it is");
    if (copy == NULL || !sequence->known || !copy->known ||
        (sequence->value == copy->value && sequence->called == copy->called))
        return;
    Finding *finding =
        check_report(context, result, &content, where, "%s stands elsewhere in the restored copy", where);
    finding->expected = arena_printf(arena, "%lld", (long long)sequence->value);
    finding->found = arena_printf(arena, "%lld", (long long)copy->value);
}

static void compare_extension(CheckContext *context, CheckResult *result, const InventoryExtension *extension) {
    bool found = false;
    LIST_EACH (const char *const, absent, context->restore->absent_extensions)
        found |= strcmp(*absent, extension->name) == 0;
    LIST_EACH (const Inventory *const, copy, *context->restored)
        LIST_EACH (const InventoryExtension, other, (*copy)->extensions)
            found |= strcmp(other->name, extension->name) == 0;
    const InventoryObject as_object = {.kind = "EXTENSION", .schema = "", .name = extension->name};
    if (!found && strcmp(extension->name, "plpgsql") != 0 && !accounted_for(context, &as_object))
        report_lost(context, result,
                    arena_printf(context->arena, "extension %s", text_safe(context->arena, extension->name)), "it is");
}

/* Large objects belong to one database; of several nobody says which. */
static void compare_large_objects(CheckContext *context, CheckResult *result) {
    static const char where[] = "large objects";
    Arena *arena = context->arena;
    const Inventory *backup = context->backup->inventory, *copy = context->restored->items[0];
    if (context->restored->count != 1 || !backup->large_objects_known || !copy->large_objects_known)
        return;
    if (backup->large_objects != copy->large_objects) {
        Finding *finding =
            check_report(context, result, &rows, where, "Not as many large objects came back as the backup holds");
        finding->expected = check_count_text(arena, backup->large_objects, "large object");
        finding->found = check_count_text(arena, copy->large_objects, "large object");
    } else if (backup->large_objects_digested && copy->large_objects_digested &&
               !hash_sum_equal(backup->large_object_digest, copy->large_object_digest)) {
        Finding *finding =
            check_report(context, result, &content, where, "The restored large objects have other content");
        finding->expected = hash_sum_text(arena, backup->large_object_digest);
        finding->found = hash_sum_text(arena, copy->large_object_digest);
    }
}

static void compare_others(CheckContext *context, CheckResult *result) {
    const Inventory *backup = context->backup->inventory;
    LIST_EACH (const InventoryTable, table, backup->tables)
        compare_shape(context, result, table);
    LIST_EACH (const InventorySequence, sequence, backup->sequences)
        compare_sequence(context, result, sequence);
    LIST_EACH (const InventoryExtension, extension, backup->extensions)
        compare_extension(context, result, extension);
    compare_large_objects(context, result);
}

static void run(CheckContext *context, CheckResult *result) {
    Arena *arena = context->arena;
    result->expected = "what the backup holds";
    if (examined_blind(context, result))
        return;
    if (context->restored == NULL || context->restored->count == 0) {
        check_unknown_error(context, result, "the restored copy could not be counted", context->examine_error);
        return;
    }
    if (check_blind(context, result))
        return;
    Tally tally = {0};
    LIST_EACH (const InventoryTable, table, context->backup->inventory->tables)
        compare_table(context, result, table, &tally);
    LIST_EACH (const InventoryObject, object, context->backup->inventory->objects)
        compare_object(context, result, object, &tally);
    compare_others(context, result);
    result->observed =
        arena_printf(arena, "%s: rows of %s, content of %s; %s", check_count_text(arena, tally.tables, "table"),
                     check_number_text(arena, tally.compared), check_number_text(arena, tally.digested),
                     check_count_text(arena, tally.objects, "other object"));
    if (tally.tables + tally.objects == 0)
        check_unknown(context, result, "the backup holds nothing to compare");
    check_pass(result);
}

const Check check_copied = {
    .id = "copy",
    .title = "The copy equals the backup",
    .subject = "What the restored copy holds",
    .explain =
        "Rows and content of every table of the restored copy equal what was read from the backup's own bytes, and so "
        "do "
        "large objects and the values of sequences; everything the backup defines is there: columns, indexes, "
        "constraints, extensions, row-level security. The two are read in different ways, so this finds what a restore "
        "loses without an error.",
    .level = 4,
    .findings = findings,
    .run = run};
