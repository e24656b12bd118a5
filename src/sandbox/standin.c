/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/standin.h"

#include <string.h>

#include "pg/identifier.h"

const StandinType standin_types[] = {
    {"vector", "vector"},
    {"vector", "halfvec"},
    {"vector", "sparsevec"},
    {"postgis", "geometry"},
    {"postgis", "geography"},
    {"postgis", "box2d"},
    {"postgis", "box3d"},
    {"postgis", "spheroid"},
    {"postgis_raster", "raster"},
    {"citext", "citext"},
    {"hstore", "hstore"},
    {"ltree", "ltree"},
    {"ltree", "lquery"},
    {"ltree", "ltxtquery"},
    {"cube", "cube"},
    {"seg", "seg"},
    {"intarray", "query_int"},
    {"isn", "isbn"},
    {"isn", "isbn13"},
    {"isn", "issn"},
    {"isn", "ean13"},
    {"isn", "upc"},
    {"ip4r", "ip4"},
    {"ip4r", "ip4r"},
    {"ip4r", "ip6"},
    {"ip4r", "ip6r"},
    {"ip4r", "ipaddress"},
    {"ip4r", "iprange"},
    {"h3", "h3index"},
    {"semver", "semver"},
    {"age", "agtype"},
    {"age", "graphid"},
    {"debversion", "debversion"},
    {"uri", "uri"},
    {"pg_roaringbitmap", "roaringbitmap"},
    {"roaringbitmap", "roaringbitmap"},
    {"prefix", "prefix_range"},
    {"hll", "hll"},
    {"rdkit", "mol"},
    {"unit", "unit"},
    {"pgmp", "mpz"},
    {"pgmp", "mpq"},
    {"pg_libphonenumber", "phone_number"},
    {0},
};

static const char *qualified(Arena *arena, const char *schema, const char *name) {
    return arena_printf(arena, "%s.%s", identifier_always_quote(arena, schema), identifier_always_quote(arena, name));
}

/*
 * textin and textout keep the bytes. The modifier function is array_cardinality, because it takes an array of any type
 * and so accepts whatever stands in the parentheses: (1536), (Point,4326).
 */
static Err *make_type(Arena *arena, Query *query, const char *schema, const char *type) {
    const char *in = qualified(arena, schema, arena_printf(arena, "%s_lifeboat_in", type));
    const char *out = qualified(arena, schema, arena_printf(arena, "%s_lifeboat_out", type));
    const char *modifiers = qualified(arena, schema, arena_printf(arena, "%s_lifeboat_typmod", type));
    const char *name = qualified(arena, schema, type);
    const char *const statements[] = {
        arena_printf(arena, "CREATE TYPE %s", name),
        arena_printf(arena, "CREATE FUNCTION %s(cstring) RETURNS %s LANGUAGE internal IMMUTABLE STRICT AS 'textin'", in,
                     name),
        arena_printf(arena, "CREATE FUNCTION %s(%s) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'",
                     out, name),
        arena_printf(arena,
                     "CREATE FUNCTION %s(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS "
                     "'array_cardinality'",
                     modifiers),
        arena_printf(arena,
                     "CREATE TYPE %s (INPUT = %s, OUTPUT = %s, TYPMOD_IN = %s, STORAGE = extended, "
                     "COLLATABLE = true)",
                     name, in, out, modifiers),
        arena_printf(arena, "CREATE CAST (%s AS text) WITHOUT FUNCTION AS IMPLICIT", name),
        arena_printf(arena, "CREATE CAST (text AS %s) WITHOUT FUNCTION AS ASSIGNMENT", name),
        arena_printf(arena, "COMMENT ON TYPE %s IS 'stand-in of lifeboat: text under another name'", name),
    };
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        PGresult *result = NULL;
        TRY(query_run(arena, query, statements[i], NULL, &result));
    }
    return NULL;
}

Err *standin_make(Arena *arena, Query *query, const char *extension, const char *schema, const char **made) {
    *made = "";
    for (const StandinType *row = standin_types; row->extension != NULL; row++) {
        if (strcmp(row->extension, extension) != 0)
            continue;
        PGresult *result = NULL; /* a dump of some schemas names the extension, and leaves its schema out */
        Err *err = query_run(
            arena, query, arena_printf(arena, "CREATE SCHEMA IF NOT EXISTS %s", identifier_always_quote(arena, schema)),
            NULL, &result);
        if (err == NULL)
            err = make_type(arena, query, schema, row->type);
        if (err != NULL)
            return err_wrap(arena, err, "cannot make a stand-in for type %s of extension %s", row->type, extension);
        *made = (*made)[0] == '\0' ? row->type : arena_printf(arena, "%s, %s", *made, row->type);
    }
    return NULL;
}

static bool is_defined(const Inventory *inventory, const InventoryTable *table) {
    static const char *const kinds[] = {"TABLE", "FOREIGN TABLE", "MATERIALIZED VIEW", "VIEW"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const InventoryObject object = {
            .database = table->database, .kind = kinds[i], .schema = table->schema, .table = "", .name = table->name};
        if (inventory_has_object(inventory, &object))
            return true;
    }
    return false;
}

static const char *table_sql(Arena *arena, const InventoryTable *table) {
    const char *columns = "";
    LIST_EACH (const char *, column, table->copy_columns)
        columns = arena_printf(arena, "%s%s%s text", columns, columns[0] == '\0' ? "" : ", ",
                               identifier_always_quote(arena, *column));
    return arena_printf(arena, "CREATE TABLE IF NOT EXISTS %s (%s)", qualified(arena, table->schema, table->name),
                        columns);
}

Err *standin_tables(Arena *arena, Query *query, const Inventory *inventory, const char *database,
                    InventoryNames *made) {
    bool several = inventory->databases.count > 1;
    LIST_EACH (const InventoryTable, table, inventory->tables) {
        if (!table->has_data || table->copy_columns.count == 0 || is_defined(inventory, table) ||
            (several && strcmp(table->database, database) != 0))
            continue;
        PGresult *result = NULL;
        TRY(query_run(
            arena, query,
            arena_printf(arena, "CREATE SCHEMA IF NOT EXISTS %s", identifier_always_quote(arena, table->schema)), NULL,
            &result));
        TRY(query_run(arena, query, table_sql(arena, table), NULL, &result));
        *LIST_PUSH(arena, *made) = inventory_table_text(arena, table);
    }
    return NULL;
}
