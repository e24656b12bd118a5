/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/text.h"
#include "check/check_table.h"
#include "check/examined.h"
#include "check/scope.h"
#include "sandbox/restore.h"

static const CheckFinding definition = {
    .id = "definition-differs",
    .severity = CHECK_WARNING,
    .title = "Something is defined otherwise in the live database than in the restored copy",
    .means = "A column, index, constraint, trigger, policy, view or function of that name is in both, and is not the "
             "same. Either live was changed after the backup was taken, or the backup is of another version of the "
             "schema: an application of today would meet the structure of then.",
    .action = "If a release changed it since, take a new backup. Otherwise look which database the backup job reads; "
              "the finding shows both definitions where they part.",
    .acceptable = true};

static const CheckFinding access = {
    .id = "access-differs",
    .severity = CHECK_WARNING,
    .title = "Owner or grants are not what they are in the live database",
    .means = "After a restore somebody could use what they must not, or the application could not use what it needs: "
             "'permission denied' is what a restore without grants looks like.",
    .action = "Look whether the dump is made with --no-owner or --no-privileges (-O, -x), or whether somebody granted "
              "or revoked since it was taken. After restoring, grant what the finding shows.",
    .acceptable = true};

static const CheckFinding version = {
    .id = "version-differs",
    .severity = CHECK_NOTICE,
    .title = "An extension or a collation has another version here than in the live database",
    .means = "A dump names extensions without their versions and collations without theirs: a restore uses what the "
             "machine has. Functions of an extension may behave otherwise, and text may sort otherwise.",
    .action = "For a rehearsal that is as close as can be, install the version of the live server. After restoring in "
              "earnest on another system, look at constraints and partitions on text.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&definition, &access, &version, NULL};

static const CheckFinding *declared_for(const InventoryTrait *trait) {
    return strcmp(trait->kind, "definition") == 0 ? &definition
           : strcmp(trait->kind, "access") == 0   ? &access
                                                  : &version;
}

/* The copy of the database that live is. */
static const Inventory *copy_of_live(const CheckContext *context) {
    if (context->restored == NULL || context->restored->count == 0)
        return NULL;
    LIST_EACH (const Inventory *const, copy, *context->restored)
        if (strcmp((*copy)->label, context->live->database) == 0)
            return *copy;
    return context->restored->count == 1 ? context->restored->items[0] : NULL;
}

/* Of what the platform keeps to itself the sandbox has stand-ins; they are made otherwise. */
static bool takes_part(CheckContext *context, const InventoryTrait *live) {
    if (live->schema[0] == '\0' || strcmp(live->schema, "public") == 0)
        return true;
    const InventoryObject schema = {.database = "", .kind = "SCHEMA", .schema = "", .table = "", .name = live->schema};
    if (scope_schema_ignored(context, live->schema))
        return false;
    LIST_EACH (const InventoryObject, object, context->backup->inventory->objects)
        if (strcmp(object->kind, schema.kind) == 0 && strcmp(object->name, schema.name) == 0)
            return true;
    return false;
}

/* The name of a type that an absent extension owns: its stand-in is text, whatever the modifiers. */
static bool stood_in(const CheckContext *context, const InventoryTrait *live) {
    Text rest = text_of(context->restore->stand_ins);
    while (rest.length > 0) {
        Text name = text_trim(text_cut(rest, ',', &rest));
        if (name.length > 0 && strstr(live->value, text_dup(context->arena, name)) != NULL)
            return true;
    }
    return false;
}

/* Where the two part, with what stands before. */
static const char *excerpt(Arena *arena, const char *value, size_t differs) {
    size_t from = differs < 60 ? 0 : differs - 40, length = strlen(value);
    Text part = text_slice(text_of(value), from, length);
    return arena_printf(arena, "%s%s", from == 0 ? "" : "... ",
                        text_safe(arena, text_dup(arena, text_slice(part, 0, 160))));
}

/* `comparable`: both are of one major version; another may write the same definition in other words. */
static void report(CheckContext *context, CheckResult *result, const InventoryTrait *live, const InventoryTrait *copy,
                   bool comparable) {
    Arena *arena = context->arena;
    size_t differs = 0;
    while (live->value[differs] != '\0' && live->value[differs] == copy->value[differs])
        differs++;
    const CheckFinding *declared = declared_for(live);
    CheckFinding graded = check_graded(declared, comparable ? declared->severity : CHECK_NOTICE);
    const char *where = text_safe(arena, live->name);
    const char *what = declared == &access ? "owner or grants are" : declared == &version ? "the version is" : "it is";
    Finding *finding =
        check_report(context, result, &graded, where, "%s: %s not what the live database has", where, what);
    finding->expected = excerpt(arena, live->value, differs);
    finding->found = excerpt(arena, copy->value, differs);
}

static uint64_t compare(CheckContext *context, CheckResult *result, const Inventory *live, const Inventory *copy) {
    size_t left = 0, right = 0;
    uint64_t compared = 0;
    while (left < live->traits.count && right < copy->traits.count) {
        const InventoryTrait *a = &live->traits.items[left], *b = &copy->traits.items[right];
        int order = inventory_trait_order(a, b);
        left += order <= 0;
        right += order >= 0;
        if (order != 0 || !takes_part(context, a))
            continue; /* what is missing is told by structure and copy */
        compared++;
        if (strcmp(a->value, b->value) != 0 && !stood_in(context, a))
            report(context, result, a, b, live->server_major == copy->server_major);
    }
    return compared;
}

static void run(CheckContext *context, CheckResult *result) {
    result->expected = "as in the live database";
    if (examined_blind(context, result))
        return;
    if (!context->live_asked) {
        check_skip(context, result, "no live database was given to compare with (--against)");
        return;
    }
    if (context->live == NULL || context->backup == NULL) {
        check_unknown(context, result, "the live database could not be read");
        return;
    }
    const Inventory *copy = copy_of_live(context);
    if (copy == NULL) {
        check_unknown(context, result, "there is no restored copy of the live database to compare with");
        return;
    }
    if (!context->live->traits_known || !copy->traits_known) {
        check_skip(context, result, "definitions and grants are told by PostgreSQL 12 and later");
        return;
    }
    uint64_t compared = compare(context, result, context->live, copy);
    size_t differ = result->findings.count;
    const char *among = compared == 0 ? "none to look at"
                                      : arena_printf(context->arena, "%s definitions, grants and versions",
                                                     check_number_text(context->arena, compared));
    result->observed =
        differ == 0 ? among
                    : arena_printf(context->arena, "%s of %s differ", check_number_text(context->arena, differ), among);
    check_pass(result);
}

const Check check_definitions = {
    .id = "definitions",
    .title = "It is made as live is",
    .subject = "Definitions and grants against the live database",
    .explain =
        "What is in both the live database and the restored copy is defined alike there: columns, indexes, "
        "constraints, triggers, policies, row-level security, views and functions; belongs to the same owner and "
        "is granted to the same roles; and extensions and collations have the same versions.",
    .level = 4,
    .findings = findings,
    .run = run};
