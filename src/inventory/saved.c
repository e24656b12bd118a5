/* SPDX-License-Identifier: PostgreSQL */
#include "inventory/saved.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"

static const char schema_name[] = "lifeboat.inventory/1", attestation_schema[] = "lifeboat.attestation/1",
                  report_schema[] = "lifeboat.report/1", inspect_schema[] = "lifeboat.inspect/1";

/* ---- writing ---- */

static json_t *name_value(Arena *arena, const char *name) {
    json_t *value = json_string(name); /* NULL when it is not UTF-8 */
    if (value != NULL)
        return value;
    size_t length = strlen(name);
    char *hex = arena_array(arena, length + 1, 2);
    for (size_t at = 0; at < length; at++) {
        hex[2 * at] = "0123456789abcdef"[(unsigned char)name[at] >> 4];
        hex[2 * at + 1] = "0123456789abcdef"[(unsigned char)name[at] & 15];
    }
    value = json_object();
    json_put_string(value, "hex", hex);
    return value;
}

/* Empty ones are left out: most inventories hold one database, most objects no table. */
static void put_name(Arena *arena, json_t *object, const char *key, const char *name) {
    if (name != NULL && name[0] != '\0')
        json_put(object, key, name_value(arena, name));
}

static void put_true(json_t *object, const char *key, bool value) {
    if (value)
        json_put_bool(object, key, true);
}

static void put_names(Arena *arena, json_t *object, const char *key, const InventoryNames *names) {
    if (names->count == 0)
        return;
    json_t *array = json_put(object, key, json_array());
    for (size_t at = 0; at < names->count; at++)
        json_add(array, name_value(arena, names->items[at]));
}

static const char *const counts[] = {
    [INVENTORY_UNKNOWN] = "unknown", [INVENTORY_EXACT] = "exact", [INVENTORY_ESTIMATE] = "estimate"};

static void put_table(Arena *arena, json_t *array, const InventoryTable *table) {
    json_t *object = json_add(array, json_object());
    put_name(arena, object, "database", table->database);
    put_name(arena, object, "schema", table->schema);
    put_name(arena, object, "name", table->name);
    json_put_text(object, "kind", (Text){.at = &table->kind, .length = 1});
    put_true(object, "unlogged", table->unlogged);
    put_true(object, "partition", table->partition);
    if (table->parent[0] != '\0') {
        put_name(arena, object, "parent_schema", table->parent_schema);
        put_name(arena, object, "parent", table->parent);
    }
    put_true(object, "row_security", table->row_security);
    put_true(object, "extension_owned", table->extension_owned);
    put_true(object, "has_data", table->has_data);
    json_put_string(object, "count", counts[table->count]);
    if (table->count == INVENTORY_UNKNOWN)
        put_name(arena, object, "unknown_why", table->unknown_why);
    else
        json_put_u64(object, "rows", table->rows);
    json_put_u64(object, "bytes", table->bytes);
    if (table->digested)
        json_put_string(object, "digest", hash_sum_text(arena, table->digest));
    else
        put_name(arena, object, "undigested_why", table->undigested_why);
    put_names(arena, object, "columns", &table->columns);
    put_names(arena, object, "copy_columns", &table->copy_columns);
}

static void put_structure(Arena *arena, json_t *root, const Inventory *inventory) {
    json_t *sequences = json_put(root, "sequences", json_array());
    LIST_EACH (const InventorySequence, sequence, inventory->sequences) {
        json_t *object = json_add(sequences, json_object());
        put_name(arena, object, "database", sequence->database);
        put_name(arena, object, "schema", sequence->schema);
        put_name(arena, object, "name", sequence->name);
        if (sequence->known) {
            json_put(object, "value", json_integer(sequence->value));
            json_put_bool(object, "called", sequence->called);
        }
    }
    json_t *extensions = json_put(root, "extensions", json_array());
    LIST_EACH (const InventoryExtension, extension, inventory->extensions) {
        json_t *object = json_add(extensions, json_object());
        put_name(arena, object, "database", extension->database);
        put_name(arena, object, "name", extension->name);
        put_name(arena, object, "schema", extension->schema);
        put_name(arena, object, "version", extension->version);
    }
    json_t *objects = json_put(root, "objects", json_array());
    LIST_EACH (const InventoryObject, item, inventory->objects) {
        json_t *object = json_add(objects, json_object());
        put_name(arena, object, "database", item->database);
        put_name(arena, object, "kind", item->kind);
        put_name(arena, object, "schema", item->schema);
        put_name(arena, object, "table", item->table);
        put_name(arena, object, "name", item->name);
        put_name(arena, object, "owner", item->owner);
    }
    json_t *roles = json_put(root, "roles", json_array());
    LIST_EACH (const InventoryRole, role, inventory->roles) {
        json_t *object = json_add(roles, json_object());
        put_name(arena, object, "name", role->name);
        put_true(object, "defined", role->defined);
        put_true(object, "referenced", role->referenced);
    }
}

json_t *saved_json(Arena *arena, const Inventory *inventory) {
    json_t *root = json_start(arena, json_object());
    json_put_string(root, "schema", schema_name);
    json_put_string(root, "label", inventory->label);
    json_put_time(root, "taken_at", inventory->taken_at);
    put_name(arena, root, "server_version", inventory->server_version);
    json_put_u64(root, "server_major", (uint64_t)inventory->server_major);
    put_name(arena, root, "encoding", inventory->encoding);
    put_name(arena, root, "database", inventory->database);
    put_name(arena, root, "system_identifier", inventory->system_identifier);
    put_name(arena, root, "time_zone", inventory->time_zone);
    put_names(arena, root, "databases", &inventory->databases);
    json_put_u64(root, "total_rows", inventory_total_rows(inventory));
    if (inventory->large_objects_known)
        json_put_u64(root, "large_objects", inventory->large_objects);
    if (inventory->large_objects_digested) {
        json_put_u64(root, "large_object_bytes", inventory->large_object_bytes);
        json_put_string(root, "large_object_digest", hash_sum_text(arena, inventory->large_object_digest));
    }
    json_t *tables = json_put(root, "tables", json_array());
    LIST_EACH (const InventoryTable, table, inventory->tables)
        put_table(arena, tables, table);
    if (inventory->tables_only)
        json_put_bool(root, "tables_only", true);
    else
        put_structure(arena, root, inventory);
    return root;
}

Err *saved_write(Arena *arena, const Inventory *inventory, const char *path) {
    const char *text = json_render(arena, saved_json(arena, inventory), false);
    return file_write_atomic(arena, path, text_of(arena_printf(arena, "%s\n", text)), 0600);
}

/* ---- reading ---- */

/* One document being read. The first thing that is wrong ends it; what it was is kept. */
typedef struct Reading {
    Arena *arena;
    Inventory *inventory;
    Err *err;
} Reading;

static void wrong(Reading *reading, const char *list, size_t position, const char *what) {
    if (reading->err == NULL)
        reading->err = err_new(reading->arena, ERR_DATA, "%s[%zu]: %s", list, position, what);
}

static const char *from_hex(Arena *arena, const char *hex) {
    size_t length = strlen(hex);
    char *bytes = arena_alloc(arena, length / 2 + 1);
    for (size_t at = 0; at + 1 < length; at += 2) {
        const char *high = strchr("0123456789abcdef", hex[at]), *low = strchr("0123456789abcdef", hex[at + 1]);
        if (high == NULL || low == NULL || (hex[at] == '0' && hex[at + 1] == '0'))
            return NULL;
        bytes[at / 2] = (char)(((high - "0123456789abcdef") << 4) | (low - "0123456789abcdef"));
    }
    return length % 2 == 0 && length > 0 ? bytes : NULL;
}

/* One item of one list: where what is wrong with it is said to be. */
typedef struct Item {
    Reading *reading;
    const json_t *object;
    const char *list;
    size_t position;
} Item;

static const char *name_of(const Item *item, const json_t *value, const char *key) {
    const json_t *hex = json_is_object(value) ? json_object_get(value, "hex") : NULL;
    const char *name = json_is_string(value) ? json_string_value(value)
                       : json_is_string(hex) ? from_hex(item->reading->arena, json_string_value(hex))
                                             : NULL;
    if (name == NULL)
        wrong(item->reading, item->list, item->position, arena_printf(item->reading->arena, "%s is not a name", key));
    return name == NULL ? "" : name;
}

static const char *get_name(const Item *item, const char *key) {
    const json_t *value = json_object_get(item->object, key);
    return value == NULL || json_is_null(value) ? "" : name_of(item, value, key);
}

static const char *must_name(const Item *item, const char *key) {
    const char *name = get_name(item, key);
    if (name[0] == '\0')
        wrong(item->reading, item->list, item->position, arena_printf(item->reading->arena, "%s is missing", key));
    return name;
}

static bool get_bool(const Item *item, const char *key) {
    const json_t *value = json_object_get(item->object, key);
    if (value != NULL && !json_is_boolean(value))
        wrong(item->reading, item->list, item->position,
              arena_printf(item->reading->arena, "%s is not true or false", key));
    return json_is_true(value);
}

static uint64_t get_number(const Item *item, const char *key, uint64_t fallback) {
    const json_t *value = json_object_get(item->object, key);
    if (value == NULL || json_is_null(value))
        return fallback;
    uint64_t number = 0;
    bool good = json_is_integer(value)
                    ? json_integer_value(value) >= 0
                    : json_is_string(value) && text_to_u64(text_of(json_string_value(value)), &number);
    if (!good)
        wrong(item->reading, item->list, item->position, arena_printf(item->reading->arena, "%s is not a number", key));
    return json_is_integer(value) && good ? (uint64_t)json_integer_value(value) : number;
}

static bool get_digest(const Item *item, const char *key, HashSum *out) {
    const json_t *value = json_object_get(item->object, key);
    if (value == NULL || json_is_null(value))
        return false;
    if (!json_is_string(value) || !hash_sum_parse(text_of(json_string_value(value)), out))
        wrong(item->reading, item->list, item->position, arena_printf(item->reading->arena, "%s is not a digest", key));
    return true;
}

static void get_names(const Item *item, const char *key, InventoryNames *out) {
    const json_t *array = json_object_get(item->object, key), *value;
    size_t position;
    if (array != NULL && !json_is_array(array))
        wrong(item->reading, item->list, item->position, arena_printf(item->reading->arena, "%s is not a list", key));
    json_array_foreach(array, position, value) * LIST_PUSH(item->reading->arena, *out) =
        arena_strdup(item->reading->arena, name_of(item, value, key));
}

static void read_count(const Item *item, InventoryTable *table) {
    const char *count = must_name(item, "count");
    if (strcmp(count, counts[INVENTORY_EXACT]) == 0)
        table->count = INVENTORY_EXACT;
    else if (strcmp(count, counts[INVENTORY_ESTIMATE]) == 0)
        table->count = INVENTORY_ESTIMATE;
    else if (strcmp(count, counts[INVENTORY_UNKNOWN]) != 0)
        wrong(item->reading, item->list, item->position, "count is neither exact, estimate nor unknown");
    table->rows = get_number(item, "rows", 0);
    const json_t *rows = json_object_get(item->object, "rows");
    if (table->count != INVENTORY_UNKNOWN && (rows == NULL || json_is_null(rows)))
        wrong(item->reading, item->list, item->position, "counted, but rows is missing");
    const char *why = get_name(item, "unknown_why");
    table->unknown_why = table->count != INVENTORY_UNKNOWN ? NULL : why[0] != '\0' ? why : "not counted";
}

static void read_table(const Item *item) {
    Reading *reading = item->reading;
    size_t before = reading->inventory->tables.count;
    InventoryTable *table = inventory_table(reading->inventory, get_name(item, "database"), must_name(item, "schema"),
                                            must_name(item, "name"));
    if (reading->inventory->tables.count == before)
        wrong(reading, item->list, item->position, "the table is listed twice");
    const char *kind = must_name(item, "kind");
    if (strlen(kind) != 1 || strchr("rpfm", kind[0]) == NULL)
        wrong(reading, item->list, item->position, "kind is none of r, p, f, m");
    table->kind = kind[0];
    table->unlogged = get_bool(item, "unlogged");
    table->partition = get_bool(item, "partition");
    table->parent_schema = get_name(item, "parent_schema");
    table->parent = get_name(item, "parent");
    table->row_security = get_bool(item, "row_security");
    table->extension_owned = get_bool(item, "extension_owned");
    /* A report does not say: a table of kind r can hold rows. */
    table->has_data = reading->inventory->tables_only ? table->kind == 'r' : get_bool(item, "has_data");
    read_count(item, table);
    table->bytes = get_number(item, "bytes", 0);
    table->digested = get_digest(item, "digest", &table->digest);
    const char *why = get_name(item, "undigested_why");
    table->undigested_why = why[0] == '\0' ? NULL : why;
    get_names(item, "columns", &table->columns);
    get_names(item, "copy_columns", &table->copy_columns);
}

static void read_sequence(const Item *item) {
    const json_t *value = json_object_get(item->object, "value");
    if (value != NULL && !json_is_integer(value))
        wrong(item->reading, item->list, item->position, "value is not a number");
    *LIST_PUSH(item->reading->arena, item->reading->inventory->sequences) =
        (InventorySequence){.database = get_name(item, "database"),
                            .schema = must_name(item, "schema"),
                            .name = must_name(item, "name"),
                            .known = json_is_integer(value),
                            .value = json_integer_value(value),
                            .called = get_bool(item, "called")};
}

static void read_extension(const Item *item) {
    *LIST_PUSH(item->reading->arena, item->reading->inventory->extensions) =
        (InventoryExtension){.database = get_name(item, "database"),
                             .name = must_name(item, "name"),
                             .schema = get_name(item, "schema"),
                             .version = get_name(item, "version")};
}

static void read_object(const Item *item) {
    const InventoryObject object = {.database = get_name(item, "database"),
                                    .kind = must_name(item, "kind"),
                                    .schema = get_name(item, "schema"),
                                    .table = get_name(item, "table"),
                                    .name = must_name(item, "name"),
                                    .owner = get_name(item, "owner")};
    inventory_object(item->reading->inventory, &object);
}

static void read_role(const Item *item) {
    InventoryRole *role = inventory_role(item->reading->inventory, must_name(item, "name"));
    role->defined = get_bool(item, "defined");
    role->referenced = get_bool(item, "referenced");
}

static void read_list(Reading *reading, const json_t *root, const char *list, void (*read)(const Item *item)) {
    const json_t *array = json_object_get(root, list), *object;
    size_t position;
    if (!json_is_array(array))
        wrong(reading, list, 0, "the list is missing");
    json_array_foreach(array, position, object) {
        const Item item = {.reading = reading, .object = object, .list = list, .position = position};
        if (!json_is_object(object))
            wrong(reading, list, position, "not an object");
        if (reading->err != NULL)
            return;
        read(&item);
    }
}

/* Strings stay where jansson keeps them: the document lives in the same arena. */
static void read_head(Reading *reading, const json_t *root) {
    const Item item = {.reading = reading, .object = root, .list = "document"};
    Inventory *inventory = reading->inventory;
    const char *taken_at = get_name(&item, "taken_at");
    if (taken_at[0] != '\0' && !time_parse(text_of(taken_at), &inventory->taken_at))
        wrong(reading, "document", 0, "taken_at is not a time");
    inventory->server_version = get_name(&item, "server_version");
    inventory->server_major = (int)(get_number(&item, "server_major", 0) & 0xffff);
    inventory->encoding = get_name(&item, "encoding");
    inventory->database = get_name(&item, "database");
    inventory->system_identifier = get_name(&item, "system_identifier");
    inventory->time_zone = get_name(&item, "time_zone");
    get_names(&item, "databases", &inventory->databases);
    const json_t *large_objects = json_object_get(root, "large_objects");
    inventory->large_objects_known = large_objects != NULL && !json_is_null(large_objects);
    inventory->large_objects = get_number(&item, "large_objects", 0);
    inventory->large_object_bytes = get_number(&item, "large_object_bytes", 0);
    inventory->large_objects_digested = get_digest(&item, "large_object_digest", &inventory->large_object_digest);
}

Err *saved_parse(Arena *arena, const json_t *document, Inventory **out) {
    const char *schema = json_get_string(document, "schema", "");
    bool is_report = strcmp(schema, report_schema) == 0;
    bool wrapped = is_report || strcmp(schema, inspect_schema) == 0 || strcmp(schema, attestation_schema) == 0;
    const json_t *root = wrapped ? json_object_get(document, "inventory") : document;
    if (!is_report && strcmp(json_get_string(root, "schema", ""), schema_name) != 0)
        return err_hint(
            arena,
            err_new(arena, ERR_DATA, "not a saved inventory: its schema is %s", text_quote(arena, text_of(schema), 40)),
            "lifeboat reads %s, and what inspect --json and verify --json write", schema_name);
    if (!json_is_object(root))
        return err_new(arena, ERR_DATA, "the report holds no inventory: no backup was opened");
    Reading reading = {.arena = arena};
    reading.inventory = inventory_new(arena, INVENTORY_SAVED, json_get_string(root, "label", ""));
    reading.inventory->tables_only = is_report || json_get_bool(root, "tables_only", false);
    read_head(&reading, root);
    read_list(&reading, root, "tables", read_table);
    if (!reading.inventory->tables_only) {
        read_list(&reading, root, "sequences", read_sequence);
        read_list(&reading, root, "extensions", read_extension);
        read_list(&reading, root, "objects", read_object);
        read_list(&reading, root, "roles", read_role);
    }
    if (reading.err != NULL)
        return reading.err;
    inventory_seal(reading.inventory);
    *out = reading.inventory;
    return NULL;
}

Err *saved_read(Arena *arena, const char *path, Inventory **out) {
    json_t *document;
    TRY(json_parse_file(arena, path, SAVED_MAXIMUM, &document));
    Err *err = saved_parse(arena, document, out);
    return err == NULL ? NULL : err_wrap(arena, err, "%s is not a saved inventory", text_safe(arena, path));
}

Err *saved_recognise(Arena *arena, const char *path, bool *out) {
    FileInfo info;
    int descriptor;
    char head[256];
    size_t got = 0;
    *out = false;
    TRY(file_info(arena, path, &info));
    if (info.kind != FILE_REGULAR)
        return NULL;
    TRY(file_open(arena, path, &descriptor, &info));
    TRY(file_read_at(arena, descriptor, 0, head, sizeof(head), &got));
    Text start = text_trim((Text){.at = head, .length = got});
    *out = start.length > 0 && start.at[0] == '{';
    return NULL;
}
