/* SPDX-License-Identifier: PostgreSQL */
#include "check/scope.h"

#include <assert.h>
#include <fnmatch.h>
#include <math.h>
#include <string.h>

const Option scope_critical = {
    .name = "critical",
    .type = OPTION_LIST,
    .argument = "TABLES",
    .summary = "tables that must be in the backup",
    .detail = "Names as you would write them in SQL: `contacts` (in any schema, public first) or `auth.users`. When "
              "the list is given, differences in the row counts of other tables are warnings; without it every table "
              "counts as critical for the comparison, and no table is required to be there."};

const Option scope_ignore = {
    .name = "ignore",
    .type = OPTION_LIST,
    .argument = "PATTERNS",
    .summary = "tables that are not compared",
    .detail = "Shell patterns on schema.table, or on the bare table name: `realtime.*, audit_tmp`. Ignored tables are "
              "still read and decoded; they are not compared with the live database or with earlier backups, and the "
              "report lists them under what was not tested."};

const Option scope_tolerances = {
    .name = "table_tolerance",
    .type = OPTION_LIST,
    .argument = "TABLE=PERCENT",
    .summary = "tolerance of single tables, over the general one",
    .detail =
        "`sessions=50%, public.audit=0%`. The table is a shell pattern as for ignore; the first that matches counts."};

bool scope_matches(const char *pattern, const char *name) {
    const char *dot = strchr(pattern, '.') == NULL ? strchr(name, '.') : NULL;
    return fnmatch(pattern, name, 0) == 0 || (dot != NULL && fnmatch(pattern, dot + 1, 0) == 0);
}

typedef struct Tolerance {
    const char *pattern;
    double fraction;
} Tolerance;

/* What the settings say, resolved once for all checks of a run. */
typedef struct Scope {
    const char *const *ignored;
    size_t ignored_count;
    bool has_critical;
    LIST(const InventoryTable *) critical; /* of either side */
    LIST(Tolerance) tolerances;
} Scope;

static bool table_matches(const char *pattern, const InventoryTable *table, const char *qualified) {
    return fnmatch(pattern, strchr(pattern, '.') == NULL ? table->name : qualified, 0) == 0;
}

/* "TABLE=PERCENT" as pattern and fraction; false when it is malformed. */
static bool tolerance_parse(Arena *arena, const char *text, const char **pattern, double *fraction) {
    const char *equals = strrchr(text, '=');
    if (equals == NULL || equals == text)
        return false;
    Text number = text_trim(text_of(equals + 1));
    if (text_ends(number, "%"))
        number = text_trim(text_slice(number, 0, number.length - 1));
    Text decimals, whole = text_cut(number, '.', &decimals);
    uint64_t units, part = 0;
    if (!text_to_u64(whole, &units) || decimals.length > 6 || (decimals.length > 0 && !text_to_u64(decimals, &part)))
        return false;
    *pattern = text_dup(arena, text_trim((Text){.at = text, .length = (size_t)(equals - text)}));
    *fraction = ((double)units + (double)part / pow(10, (double)decimals.length)) / 100;
    return true;
}

Err *scope_validate(Arena *arena, const Settings *settings) {
    size_t count = 0;
    const char *const *given = settings_list(settings, &scope_tolerances, &count);
    for (size_t at = 0; at < count; at++) {
        const char *pattern;
        double fraction;
        if (!tolerance_parse(arena, given[at], &pattern, &fraction))
            return err_hint(arena,
                            err_new(arena, ERR_CONFIG, "%s: %s is no table tolerance",
                                    settings_origin(settings, &scope_tolerances),
                                    text_quote(arena, text_of(given[at]), 60)),
                            "Write TABLE=PERCENT, for example sessions=50%%");
    }
    return NULL;
}

static void add_critical(const CheckContext *context, Scope *scope, const char *name) {
    const Inventory *sides[] = {context->live, context->backup == NULL ? NULL : context->backup->inventory};
    for (size_t side = 0; side < sizeof(sides) / sizeof(sides[0]); side++) {
        bool ambiguous;
        const InventoryTable *found =
            sides[side] == NULL ? NULL : inventory_resolve_table(sides[side], name, &ambiguous);
        if (found != NULL)
            *LIST_PUSH(context->arena, scope->critical) = found;
    }
}

static const Scope *scope_of(CheckContext *context) {
    if (context->scope != NULL)
        return context->scope;
    Scope *scope = context->scope = ARENA_NEW(context->arena, Scope);
    scope->ignored = settings_list(context->settings, &scope_ignore, &scope->ignored_count);
    size_t count = 0;
    const char *const *names = settings_list(context->settings, &scope_critical, &count);
    scope->has_critical = count > 0;
    for (size_t at = 0; at < count; at++)
        add_critical(context, scope, names[at]);
    const char *const *given = settings_list(context->settings, &scope_tolerances, &count);
    for (size_t at = 0; at < count; at++) {
        Tolerance tolerance;
        if (tolerance_parse(context->arena, given[at], &tolerance.pattern, &tolerance.fraction))
            *LIST_PUSH(context->arena, scope->tolerances) = tolerance;
    }
    return scope;
}

static const char *qualified(CheckContext *context, const InventoryTable *table) {
    return arena_printf(context->arena, "%s.%s", table->schema, table->name);
}

bool scope_ignored(CheckContext *context, const InventoryTable *table) {
    const Scope *scope = scope_of(context);
    const char *name = scope->ignored_count == 0 ? "" : qualified(context, table);
    for (size_t at = 0; at < scope->ignored_count; at++)
        if (table_matches(scope->ignored[at], table, name))
            return true;
    return false;
}

bool scope_schema_ignored(CheckContext *context, const char *schema) {
    InventoryTable any = {.schema = schema, .name = ""};
    return scope_ignored(context, &any);
}

bool scope_has_critical(CheckContext *context) {
    return scope_of(context)->has_critical;
}

/* Partitions of partitions are bounded: a hostile backup may claim a circle. */
const InventoryTable *scope_root(const Inventory *inventory, const InventoryTable *table) {
    for (int depth = 0; depth < 32 && table->partition && table->parent[0] != '\0'; depth++) {
        const InventoryTable *parent =
            inventory_find_table(inventory, table->database, table->parent_schema, table->parent);
        if (parent == NULL)
            break;
        table = parent;
    }
    return table;
}

static bool is_named(const Scope *scope, const InventoryTable *table) {
    for (size_t at = 0; at < scope->critical.count; at++) {
        const InventoryTable *critical = scope->critical.items[at];
        if (strcmp(critical->schema, table->schema) == 0 && strcmp(critical->name, table->name) == 0)
            return true;
    }
    return false;
}

bool scope_is_critical(CheckContext *context, const InventoryTable *table) {
    const Scope *scope = scope_of(context);
    if (!scope->has_critical || is_named(scope, table))
        return true;
    /* Remembered tables do not know their parents: the same table in the backup or in live does. */
    const Inventory *sides[] = {context->live, context->backup == NULL ? NULL : context->backup->inventory};
    for (size_t side = 0; side < sizeof(sides) / sizeof(sides[0]); side++) {
        const InventoryTable *found =
            sides[side] == NULL ? NULL : inventory_find_table(sides[side], table->database, table->schema, table->name);
        if (found != NULL && is_named(scope, scope_root(sides[side], found)))
            return true;
    }
    return false;
}

double scope_tolerance(CheckContext *context, const InventoryTable *table, double otherwise) {
    const Scope *scope = scope_of(context);
    const char *name = scope->tolerances.count == 0 ? "" : qualified(context, table);
    for (size_t at = 0; at < scope->tolerances.count; at++)
        if (table_matches(scope->tolerances.items[at].pattern, table, name))
            return scope->tolerances.items[at].fraction;
    return otherwise;
}

/* The database of the backup that is compared with live: "" stands for its only one. */
static const char *compared_database(const CheckContext *context) {
    return context->backup->inventory->databases.count > 1 ? context->live->database : "";
}

bool scope_compared(const CheckContext *context, const InventoryTable *backup) {
    const char *database = compared_database(context);
    return database[0] == '\0' || strcmp(backup->database, database) == 0;
}

const InventoryTable *scope_in_backup(const CheckContext *context, const InventoryTable *live) {
    return inventory_find_table(context->backup->inventory, compared_database(context), live->schema, live->name);
}

const InventoryTable *scope_in_live(const CheckContext *context, const InventoryTable *backup) {
    return inventory_find_table(context->live, "", backup->schema, backup->name);
}

double scope_drift(uint64_t reference, uint64_t other) {
    uint64_t apart = reference > other ? reference - other : other - reference;
    if (apart == 0)
        return 0;
    return reference == 0 ? HUGE_VAL : (double)apart / (double)reference;
}

bool scope_beyond(uint64_t reference, uint64_t other, double tolerance) {
    return scope_drift(reference, other) > tolerance + 1e-9;
}

bool scope_no_live(CheckContext *context, CheckResult *result) {
    if (!context->live_asked)
        check_skip(context, result, "no live database was given to compare with (--against)");
    else if (context->backup == NULL || context->changing)
        check_blind(context, result);
    else if (context->live == NULL)
        check_unknown_error(context, result, "the live database could not be read", context->live_error);
    return result->why != NULL;
}
