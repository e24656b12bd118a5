/* SPDX-License-Identifier: PostgreSQL */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "inventory/inventory.h"
#include "pg/identifier.h"

/*
 * Both sides are sorted, so each list is one merge of two runs. A run is what one side holds of one database; which run
 * meets which is settled first (a pg_dumpall script against one live database: only that one can be compared).
 */
typedef struct Compare {
    Arena *arena;
    const Inventory *left, *right;
    bool tables_only; /* of one of them at least */
    InventoryDifferences *out;
} Compare;

typedef struct Run {
    const char *items;
    size_t count;
} Run;

/* How the items of one list are ordered, and what is done with each pair: one side may be NULL. */
typedef struct Kind {
    size_t size;
    int (*order)(const void *left, const void *right);
    void (*visit)(Compare *compare, const void *left, const void *right);
} Kind;

/* Objects whose presence both a dump and a live database can tell. TABLE and COLUMN are not here: the table list has
 * them. */
static const char *const compared_kinds[] = {
    "ACCESS METHOD",
    "AGGREGATE",
    "CAST",
    "COLLATION",
    "CONSTRAINT",
    "CONVERSION",
    "DOMAIN",
    "EVENT TRIGGER",
    "FOREIGN DATA WRAPPER",
    "FUNCTION",
    "INDEX",
    "MATERIALIZED VIEW",
    "OPERATOR",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "POLICY",
    "PROCEDURAL LANGUAGE",
    "PROCEDURE",
    "PUBLICATION",
    "RULE",
    "SCHEMA",
    "SERVER",
    "STATISTICS",

    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
    "TRANSFORM",
    "TRIGGER",
    "TYPE",
    "VIEW",
};

static bool kind_is_compared(const char *kind) {
    for (size_t at = 0; at < sizeof(compared_kinds) / sizeof(compared_kinds[0]); at++)
        if (strcmp(kind, compared_kinds[at]) == 0)
            return true;
    return false;
}

/* pg_dump never writes the catalogue's own schemas (selectDumpableNamespace in src/bin/pg_dump/pg_dump.c). */
static bool schema_takes_part(const char *schema) {
    return strncmp(schema, "pg_", 3) != 0 && strcmp(schema, "information_schema") != 0;
}

static InventoryDifference *add(Compare *compare, InventoryDifferenceKind kind, const char *what, const char *name) {
    InventoryDifference *difference = LIST_PUSH(compare->arena, *compare->out);
    *difference = (InventoryDifference){.kind = kind,
                                        .what = what,
                                        .name = name,
                                        .schema = "",
                                        .left = "",
                                        .right = "",
                                        .why = kind == INVENTORY_NOT_COMPARED ? "" : NULL};
    return difference;
}

static void merge(Compare *compare, const Kind *kind, Run left, Run right) {
    size_t l = 0, r = 0;
    while (l < left.count || r < right.count) {
        const void *a = l < left.count ? left.items + l * kind->size : NULL;
        const void *b = r < right.count ? right.items + r * kind->size : NULL;
        int which = a == NULL ? 1 : b == NULL ? -1 : kind->order(a, b);
        kind->visit(compare, which <= 0 ? a : NULL, which >= 0 ? b : NULL);
        l += which <= 0;
        r += which >= 0;
    }
}

static int order_strings(const char *const *left, const char *const *right, size_t count) {
    int order = 0;
    for (size_t at = 0; at < count && order == 0; at++)
        order = strcmp(left[at], right[at]);
    return order;
}

/* ---- tables ---- */

static int order_tables(const void *a, const void *b) {
    const InventoryTable *left = a, *right = b;
    return order_strings((const char *[]){left->schema, left->name}, (const char *[]){right->schema, right->name}, 2);
}

static InventoryDifference *add_table(Compare *compare, InventoryDifferenceKind kind, const InventoryTable *left,
                                      const InventoryTable *right) {
    const InventoryTable *named = left != NULL && (right == NULL || left->database[0] != '\0') ? left : right;
    InventoryDifference *difference = add(compare, kind, "TABLE", inventory_table_text(compare->arena, named));
    difference->schema = named->schema;
    difference->left_table = left;
    difference->right_table = right;
    return difference;
}

static const char *rows_text(Arena *arena, const InventoryTable *table) {
    if (table->count == INVENTORY_UNKNOWN)
        return "unknown";
    return arena_printf(arena, "%s%" PRIu64, table->count == INVENTORY_ESTIMATE ? "about " : "", table->rows);
}

static const char *side_why(Compare *compare, bool is_left, const char *why) {
    const Inventory *side = is_left ? compare->left : compare->right;
    return arena_printf(compare->arena, "%s: %s", text_safe(compare->arena, side->label),
                        text_safe(compare->arena, why == NULL ? "no reason given" : why));
}

static void not_compared(Compare *compare, const InventoryTable *left, const InventoryTable *right, const char *why) {
    InventoryDifference *difference = add_table(compare, INVENTORY_NOT_COMPARED, left, right);
    difference->left = rows_text(compare->arena, left);
    difference->right = rows_text(compare->arena, right);
    difference->why = why;
}

/* Foreign tables, partitioned tables and materialised views have no rows of their own in a dump. */
static bool rows_belong_here(const InventoryTable *left, const InventoryTable *right) {
    return left->has_data || right->has_data || (left->count == INVENTORY_EXACT && right->count == INVENTORY_EXACT);
}

/* True when the counts were found to differ or could not be compared: no use in comparing digests. */
static bool compare_rows(Compare *compare, const InventoryTable *left, const InventoryTable *right) {
    if (!rows_belong_here(left, right))
        return true;
    if (left->count == INVENTORY_UNKNOWN || right->count == INVENTORY_UNKNOWN) {
        bool is_left = left->count == INVENTORY_UNKNOWN;
        not_compared(compare, left, right,
                     side_why(compare, is_left, is_left ? left->unknown_why : right->unknown_why));
        return true;
    }
    if (left->count == INVENTORY_ESTIMATE || right->count == INVENTORY_ESTIMATE) {
        not_compared(compare, left, right,
                     side_why(compare, left->count == INVENTORY_ESTIMATE, "the row count is an estimate"));
        return true;
    }
    if (left->rows == right->rows)
        return false;
    InventoryDifference *difference = add_table(compare, INVENTORY_ROWS, left, right);
    difference->left = rows_text(compare->arena, left);
    difference->right = rows_text(compare->arena, right);
    return true;
}

static bool names_equal(const InventoryNames *left, const InventoryNames *right) {
    bool equal = left->count == right->count;
    for (size_t at = 0; equal && at < left->count; at++)
        equal = strcmp(left->items[at], right->items[at]) == 0;
    return equal;
}

static void compare_digests(Compare *compare, const InventoryTable *left, const InventoryTable *right) {
    if (!left->digested || !right->digested) {
        const char *why = left->digested ? right->undigested_why : left->undigested_why;
        if (left->digested != right->digested && why != NULL)
            not_compared(compare, left, right, side_why(compare, !left->digested, why));
        return;
    }
    if (!compare->tables_only && !names_equal(&left->copy_columns, &right->copy_columns)) {
        not_compared(compare, left, right, "content: the two sides do not list the same columns in the same order");
        return;
    }
    if (hash_sum_equal(left->digest, right->digest))
        return;
    InventoryDifference *difference = add_table(compare, INVENTORY_DIGEST, left, right);
    difference->left = hash_sum_text(compare->arena, left->digest);
    difference->right = hash_sum_text(compare->arena, right->digest);
}

static bool has_name(const InventoryNames *names, const char *name) {
    for (size_t at = 0; at < names->count; at++)
        if (strcmp(names->items[at], name) == 0)
            return true;
    return false;
}

/* The names of `list` that `other` lacks. */
static const char *lacking(Arena *arena, const InventoryNames *list, const InventoryNames *other) {
    Buf *buf = buf_new(arena, 4096);
    for (size_t at = 0; at < list->count; at++)
        if (!has_name(other, list->items[at]))
            buf_printf(buf, "%s%s", buf->length > 0 ? ", " : "", identifier_quote(arena, list->items[at]));
    return text_safe(arena, buf->full ? arena_printf(arena, "%s, ...", buf->at) : buf->length == 0 ? "" : buf->at);
}

/* As sets: a column that came to a parent later stands elsewhere in a restored child, and nothing is wrong with it.
 * True when they differ: content need not be compared then. */
static bool compare_columns(Compare *compare, const InventoryTable *left, const InventoryTable *right) {
    if (left->columns.count == 0 || right->columns.count == 0 || names_equal(&left->columns, &right->columns))
        return false;
    const char *left_only = lacking(compare->arena, &left->columns, &right->columns);
    const char *right_only = lacking(compare->arena, &right->columns, &left->columns);
    if (left_only[0] == '\0' && right_only[0] == '\0')
        return false;
    InventoryDifference *difference = add_table(compare, INVENTORY_COLUMNS, left, right);
    difference->left = left_only;
    difference->right = right_only;
    return true;
}

/* One side protects the rows, the other shows them to everybody. Of a table that only the other side defines nothing is
 * known: a dump holds the rows of an extension's table, and not what it is like. */
static void compare_row_security(Compare *compare, const InventoryTable *left, const InventoryTable *right) {
    if ((left->columns.count == 0) != (right->columns.count == 0))
        return;
    if (!compare->tables_only && left->row_security != right->row_security)
        add_table(compare, left->row_security ? INVENTORY_ONLY_LEFT : INVENTORY_ONLY_RIGHT, left, right)->what =
            "ROW SECURITY";
}

static void visit_table(Compare *compare, const void *a, const void *b) {
    const InventoryTable *left = a, *right = b;
    const InventoryTable *either = left != NULL ? left : right;
    if (!schema_takes_part(either->schema) || (left != NULL && left->extension_owned) ||
        (right != NULL && right->extension_owned))
        return;
    if ((left == NULL || right == NULL) && either->kind == 'm' && !compare->tables_only)
        return; /* an object that is not there, told with the others */
    if (left == NULL || right == NULL) {
        add_table(compare, left != NULL ? INVENTORY_ONLY_LEFT : INVENTORY_ONLY_RIGHT, left, right);
        return;
    }
    bool columns_differ = compare_columns(compare, left, right);
    compare_row_security(compare, left, right);
    if (!compare_rows(compare, left, right) && !columns_differ)
        compare_digests(compare, left, right);
}

/* ---- objects ---- */

static int order_objects(const void *a, const void *b) {
    const InventoryObject *left = a, *right = b;
    int order = order_strings((const char *[]){left->kind, left->schema, left->name},
                              (const char *[]){right->kind, right->schema, right->name}, 3);
    return order != 0 || strcmp(left->kind, "INDEX") == 0 ? order : strcmp(left->table, right->table);
}

static const char *object_text(Arena *arena, const InventoryObject *object) {
    bool signature = strchr(object->name, '(') != NULL; /* a function's name comes with its arguments */
    const char *name = signature ? object->name : identifier_quote(arena, object->name);
    const char *schema = object->schema[0] == '\0' ? NULL : identifier_quote(arena, object->schema);
    if (object->table[0] != '\0')
        name = arena_printf(arena, "%s on %s%s%s", name, schema == NULL ? "" : schema, schema == NULL ? "" : ".",
                            identifier_quote(arena, object->table));
    else if (schema != NULL)
        name = arena_printf(arena, "%s.%s", schema, name);
    return text_safe(
        arena, object->database[0] == '\0' ? name : arena_printf(arena, "%s in database %s", name, object->database));
}

/* Schema public is there without being written; a dump of the same database may or may not name it. The rule _RETURN is
 * the view itself, written apart when views depend on each other in a circle. */
static bool object_takes_part(const InventoryObject *object) {
    bool is_schema = strcmp(object->kind, "SCHEMA") == 0;
    if (strcmp(object->kind, "RULE") == 0 && strcmp(object->name, "_RETURN") == 0)
        return false;
    return kind_is_compared(object->kind) && schema_takes_part(is_schema ? object->name : object->schema) &&
           !(is_schema && strcmp(object->name, "public") == 0);
}

static void visit_object(Compare *compare, const void *left, const void *right) {
    const InventoryObject *object = left != NULL ? left : right;
    assert(object != NULL);
    if ((left != NULL && right != NULL) || !object_takes_part(object))
        return;
    InventoryDifference *difference = add(compare, left != NULL ? INVENTORY_ONLY_LEFT : INVENTORY_ONLY_RIGHT,
                                          object->kind, object_text(compare->arena, object));
    difference->schema = object->schema;
    difference->object = object;
}

static const char *qualified(Arena *arena, const char *schema, const char *name) {
    return text_safe(arena,
                     arena_printf(arena, "%s.%s", identifier_quote(arena, schema), identifier_quote(arena, name)));
}

static int order_sequences(const void *a, const void *b) {
    const InventorySequence *left = a, *right = b;
    return order_strings((const char *[]){left->schema, left->name}, (const char *[]){right->schema, right->name}, 2);
}

static const char *sequence_text(Arena *arena, const InventorySequence *sequence) {
    return sequence->known
               ? arena_printf(arena, "%" PRId64 "%s", sequence->value, sequence->called ? "" : " (not used yet)")
               : "unknown";
}

static void visit_sequence(Compare *compare, const void *a, const void *b) {
    const InventorySequence *left = a, *right = b, *either = left != NULL ? left : right;
    if (!schema_takes_part(either->schema))
        return;
    const char *name = qualified(compare->arena, either->schema, either->name);
    if (left == NULL || right == NULL) {
        add(compare, left != NULL ? INVENTORY_ONLY_LEFT : INVENTORY_ONLY_RIGHT, "SEQUENCE", name)->schema =
            either->schema;
        return;
    }
    if (left->known && right->known && left->value == right->value && left->called == right->called)
        return;
    bool both = left->known && right->known;
    InventoryDifference *difference =
        add(compare, both ? INVENTORY_SEQUENCE : INVENTORY_NOT_COMPARED, "SEQUENCE", name);
    difference->schema = either->schema;
    difference->left = sequence_text(compare->arena, left);
    difference->right = sequence_text(compare->arena, right);
    if (!both)
        difference->why = side_why(compare, !left->known, "the sequence's value is not known");
}

static int order_extensions(const void *a, const void *b) {
    return strcmp(((const InventoryExtension *)a)->name, ((const InventoryExtension *)b)->name);
}

static void visit_extension(Compare *compare, const void *a, const void *b) {
    const InventoryExtension *left = a, *right = b, *either = left != NULL ? left : right;
    const char *name = text_safe(compare->arena, identifier_quote(compare->arena, either->name));
    if (left == NULL || right == NULL) {
        add(compare, left != NULL ? INVENTORY_ONLY_LEFT : INVENTORY_ONLY_RIGHT, "EXTENSION", name);
        return;
    }
    if (left->version[0] == '\0' || right->version[0] == '\0' || strcmp(left->version, right->version) == 0)
        return;
    InventoryDifference *difference = add(compare, INVENTORY_VERSION, "EXTENSION", name);
    difference->left = text_safe(compare->arena, left->version);
    difference->right = text_safe(compare->arena, right->version);
}

/* ---- databases ---- */

/* The items of a sorted list that belong to one database. Every item type begins with its database. */
static Run run_of(const void *items, size_t count, size_t size, const char *database) {
    const char *base = items;
    size_t from = 0, to;
    while (from < count && strcmp(*(const char *const *)(const void *)(base + from * size), database) != 0)
        from++;
    for (to = from; to < count && strcmp(*(const char *const *)(const void *)(base + to * size), database) == 0; to++)
        ;
    return (Run){.items = base == NULL ? NULL : base + from * size, .count = to - from};
}

#define RUN(list, database) run_of((list).items, (list).count, sizeof(*(list).items), (database))

static const Kind tables = {sizeof(InventoryTable), order_tables, visit_table};
static const Kind sequences = {sizeof(InventorySequence), order_sequences, visit_sequence};
static const Kind extensions = {sizeof(InventoryExtension), order_extensions, visit_extension};
static const Kind objects = {sizeof(InventoryObject), order_objects, visit_object};

static void compare_database(Compare *compare, const char *left_name, const char *right_name) {
    const Inventory *left = compare->left, *right = compare->right;
    merge(compare, &tables, RUN(left->tables, left_name), RUN(right->tables, right_name));
    if (compare->tables_only)
        return;
    merge(compare, &sequences, RUN(left->sequences, left_name), RUN(right->sequences, right_name));
    merge(compare, &extensions, RUN(left->extensions, left_name), RUN(right->extensions, right_name));
    merge(compare, &objects, RUN(left->objects, left_name), RUN(right->objects, right_name));
}

static void names_add(Arena *arena, InventoryNames *names, const char *name) {
    for (size_t at = 0; at < names->count; at++)
        if (strcmp(names->items[at], name) == 0)
            return;
    *LIST_PUSH(arena, *names) = name;
}

/* The databases an inventory's items name; one "" when it holds a single one and does not repeat its name. */
static InventoryNames databases_of(Arena *arena, const Inventory *inventory) {
    InventoryNames names = {0};
    LIST_EACH (const InventoryTable, table, inventory->tables)
        names_add(arena, &names, table->database);
    LIST_EACH (const InventoryObject, object, inventory->objects)
        names_add(arena, &names, object->database);
    LIST_EACH (const InventorySequence, sequence, inventory->sequences)
        names_add(arena, &names, sequence->database);
    LIST_EACH (const char *const, name, inventory->databases)
        names_add(arena, &names, *name);
    if (names.count == 0)
        *LIST_PUSH(arena, names) = "";
    return names;
}

/* The name that database of the inventory goes by, "" when it never says. */
static const char *said_name(const Inventory *inventory, const char *database) {
    return database[0] == '\0' ? inventory->database : database;
}

static const char *partner_of(const InventoryNames *names, const Inventory *inventory, const char *name) {
    for (size_t at = 0; at < names->count; at++)
        if (strcmp(said_name(inventory, names->items[at]), name) == 0)
            return names->items[at];
    return NULL;
}

/* Databases that only one side holds are not compared when the other side is one database by its nature; between two
 * collections they are differences. */
static void one_sided(Compare *compare, bool is_left, const char *name, bool collections) {
    InventoryDifferenceKind kind = !collections ? INVENTORY_NOT_COMPARED
                                   : is_left    ? INVENTORY_ONLY_LEFT
                                                : INVENTORY_ONLY_RIGHT;
    InventoryDifference *difference =
        add(compare, kind, "DATABASE", text_safe(compare->arena, identifier_quote(compare->arena, name)));
    if (!collections)
        difference->why = "the other side does not hold this database";
}

static void compare_all(Compare *compare) {
    InventoryNames left = databases_of(compare->arena, compare->left),
                   right = databases_of(compare->arena, compare->right);
    if (left.count == 1 &&
        right.count == 1) { /* one against one, whatever they are called: a restored copy has its own name */
        compare_database(compare, left.items[0], right.items[0]);
        return;
    }
    bool collections = left.count > 1 && right.count > 1;
    for (size_t at = 0; at < left.count; at++) {
        const char *partner = partner_of(&right, compare->right, said_name(compare->left, left.items[at]));
        if (partner != NULL)
            compare_database(compare, left.items[at], partner);
        else
            one_sided(compare, true, said_name(compare->left, left.items[at]), collections);
    }
    for (size_t at = 0; at < right.count; at++)
        if (partner_of(&left, compare->left, said_name(compare->right, right.items[at])) == NULL)
            one_sided(compare, false, said_name(compare->right, right.items[at]), collections);
}

static void tell_tables_only(Compare *compare) {
    if (!compare->tables_only)
        return;
    InventoryDifference *difference = add(compare, INVENTORY_NOT_COMPARED, "STRUCTURE", "everything but tables");
    difference->why = side_why(compare, compare->left->tables_only, "it holds tables only");
}

static void compare_large_objects(Compare *compare) {
    const Inventory *left = compare->left, *right = compare->right;
    if (!left->large_objects_known || !right->large_objects_known)
        return;
    bool digests = left->large_objects_digested && right->large_objects_digested;
    if (left->large_objects == right->large_objects &&
        (!digests || hash_sum_equal(left->large_object_digest, right->large_object_digest)))
        return;
    bool counts = left->large_objects != right->large_objects;
    InventoryDifference *difference =
        add(compare, counts ? INVENTORY_ROWS : INVENTORY_DIGEST, "LARGE OBJECTS", "large objects");
    difference->left = counts ? arena_printf(compare->arena, "%" PRIu64, left->large_objects)
                              : hash_sum_text(compare->arena, left->large_object_digest);
    difference->right = counts ? arena_printf(compare->arena, "%" PRIu64, right->large_objects)
                               : hash_sum_text(compare->arena, right->large_object_digest);
}

static int order_differences(const void *a, const void *b) {
    const InventoryDifference *left = a, *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return order_strings((const char *[]){left->what, left->name}, (const char *[]){right->what, right->name}, 2);
}

void inventory_compare(Arena *arena, const Inventory *left, const Inventory *right, InventoryDifferences *out) {
    assert(left->sealed && right->sealed);
    *out = (InventoryDifferences){0};
    Compare compare = {.arena = arena, .left = left, .right = right, .out = out};
    compare.tables_only = left->tables_only || right->tables_only;
    compare_all(&compare);
    tell_tables_only(&compare);
    compare_large_objects(&compare);
    if (out->count > 1)
        qsort(out->items, out->count, sizeof(*out->items), order_differences);
}
