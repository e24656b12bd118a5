/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "inventory/live_parts.h"

/*
 * Tables, their columns, and whether their rows may be read. What takes part is what pg_dump would write: every schema
 * but the system's, no temporary tables; tables of extensions are listed but marked, except their configuration tables,
 * whose rows pg_dump writes (getTables, processExtensionTables in src/bin/pg_dump/pg_dump.c).
 */

#define USER_SCHEMA "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
#define MEMBER(catalogue, oid)                                                                                         \
    "EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '" catalogue "'::regclass AND d.objid = " oid                 \
    " AND d.deptype = 'e')"

enum {
    OID,
    SCHEMA,
    NAME,
    KIND,
    PERSISTENCE,
    PARTITION,
    PARENT_SCHEMA,
    PARENT,
    ROW_SECURITY,
    HIDES,
    MEMBER_OF,
    CONDITION,
    TUPLES,
    PAGES,
    FILE_NODE,
    MAY_USE,
    MAY_SELECT,
    OWNER
};

/* relispartition came with 10. row_security_active answers for our role as row_security = off would: are rows hidden?
 */
static const char *tables_sql(Arena *arena, int version) {
    const char *partition = version >= 100000 ? "c.relispartition" : "false";
    return arena_printf(
        arena,
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, %s, coalesce(pn.nspname, ''), "
        "coalesce(p.relname, ''), c.relrowsecurity,"
        " CASE WHEN c.relrowsecurity THEN row_security_active(c.oid) ELSE false END, " MEMBER(
            "pg_class", "c.oid") ","
                                 " (SELECT coalesce(e.extcondition[i.n], '') FROM pg_extension e, "
                                 "generate_subscripts(e.extconfig, 1) i(n)"
                                 "  WHERE e.extconfig[i.n] = c.oid AND e.oid >= 16384 LIMIT 1),"
                                 " c.reltuples, c.relpages, c.relfilenode, has_schema_privilege(n.oid, 'USAGE'), "
                                 "has_table_privilege(c.oid, 'SELECT'),"
                                 " pg_get_userbyid(c.relowner)"
                                 " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                 " LEFT JOIN pg_inherits h ON h.inhrelid = c.oid AND %s"
                                 " LEFT JOIN pg_class p ON p.oid = h.inhparent"
                                 " LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace"
                                 " WHERE c.relkind IN ('r', 'p', 'f', 'm') AND c.relpersistence <> 't' AND " USER_SCHEMA
                                 " ORDER BY c.oid",
        partition, partition);
}

static bool is_true(const PGresult *result, int row, int column) {
    return PQgetvalue(result, row, column)[0] == 't';
}

static uint64_t number(const PGresult *result, int row, int column) {
    uint64_t value = 0;
    text_to_u64(text_of(PQgetvalue(result, row, column)), &value);
    return value;
}

/* Why the rows of this one cannot be counted, or NULL. */
static const char *refusal(const LiveSession *session, const PGresult *result, int row) {
    char kind = PQgetvalue(result, row, KIND)[0];
    if (kind == 'f')
        return "a foreign table: its rows live on another server, and no dump holds them";
    if (kind == 'm')
        return "a materialised view: its rows are computed, and no dump holds them";
    if (is_true(result, row, MEMBER_OF) && PQgetisnull(result, row, CONDITION))
        return "it belongs to an extension, and no dump holds its rows";
    if (!is_true(result, row, MAY_USE))
        return "no right to use its schema: GRANT USAGE ON SCHEMA to the role";
    if (!is_true(result, row, MAY_SELECT))
        return "no right to read it: GRANT SELECT to the role";
    if (is_true(result, row, HIDES))
        return "row-level security could hide rows from the role: it needs BYPASSRLS, or must own the table";
    if (session->recovery && PQgetvalue(result, row, PERSISTENCE)[0] == 'u')
        return "an unlogged table cannot be read on a standby";
    return NULL;
}

static void add_table(const LiveSession *session, Inventory *inventory, const PGresult *result, int row) {
    InventoryTable *table =
        inventory_table(inventory, "", PQgetvalue(result, row, SCHEMA), PQgetvalue(result, row, NAME));
    bool configuration = !PQgetisnull(result, row, CONDITION);
    table->kind = PQgetvalue(result, row, KIND)[0];
    table->unlogged = PQgetvalue(result, row, PERSISTENCE)[0] == 'u';
    table->partition = is_true(result, row, PARTITION);
    table->parent_schema = arena_strdup(inventory->arena, PQgetvalue(result, row, PARENT_SCHEMA));
    table->parent = arena_strdup(inventory->arena, PQgetvalue(result, row, PARENT));
    table->row_security = is_true(result, row, ROW_SECURITY);
    table->extension_owned = is_true(result, row, MEMBER_OF) && !configuration;
    table->has_data = table->kind == 'r';
    if (table->kind == 'p')
        table->count = INVENTORY_EXACT; /* none of its own */
    table->unknown_why = refusal(session, result, row);
    if (table->unknown_why == NULL)
        table->unknown_why = "not asked for";
    InventoryRole *owner = inventory_role(inventory, PQgetvalue(result, row, OWNER));
    owner->referenced = true;
}

static LiveTable read_table(const LiveSession *session, Arena *arena, const PGresult *result, int row) {
    uint64_t pages = number(result, row, PAGES); /* an int4 that the server lets wrap beyond 2^31 pages */
    const char *condition =
        PQgetisnull(result, row, CONDITION) ? NULL : arena_strdup(arena, PQgetvalue(result, row, CONDITION));
    return (LiveTable){.oid = (unsigned)number(result, row, OID),
                       .schema = arena_strdup(arena, PQgetvalue(result, row, SCHEMA)),
                       .name = arena_strdup(arena, PQgetvalue(result, row, NAME)),
                       .condition = condition,
                       .refused = refusal(session, result, row),
                       .tuples = strtod(PQgetvalue(result, row, TUPLES), NULL),
                       .pages = pages,
                       .file_node = (unsigned)number(result, row, FILE_NODE)};
}

/* COPY lists all columns but the generated ones. A table of a composite type has its columns from there: a dump does
 * not repeat them, so here they are unknown as well. */
static const char *columns_sql(Arena *arena, int version) {
    return arena_printf(arena,
                        "SELECT a.attrelid, a.attname, %s, c.reloftype = 0"
                        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                        " JOIN pg_namespace n ON n.oid = c.relnamespace"
                        " WHERE c.relkind IN ('r', 'p', 'f', 'm') AND c.relpersistence <> 't' AND " USER_SCHEMA
                        " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum",
                        version >= 120000 ? "a.attgenerated <> ''" : "false");
}

static Err *add_columns(LiveSession *session, Inventory *inventory, const LiveTables *tables, Arena *scratch) {
    PGresult *result;
    TRY(live_query_run(scratch, session, columns_sql(scratch, session->version), "reading the columns", &result));
    size_t at = 0;
    for (int row = 0; row < PQntuples(result); row++) {
        unsigned oid = (unsigned)number(result, row, 0);
        while (at < tables->count && tables->items[at].oid < oid)
            at++;
        if (at >= tables->count || tables->items[at].oid != oid)
            continue; /* made after the first question: the snapshot is one, so this cannot be */
        InventoryTable *table = inventory_table(inventory, "", tables->items[at].schema, tables->items[at].name);
        const char *name = arena_strdup(inventory->arena, PQgetvalue(result, row, 1));
        if (is_true(result, row, 3))
            *LIST_PUSH(inventory->arena, table->columns) = name;
        if (!is_true(result, row, 2))
            *LIST_PUSH(inventory->arena, table->copy_columns) = name;
    }
    return NULL;
}

Err *live_catalog_tables(LiveSession *session, Inventory *inventory, LiveTables *out) {
    Arena *scratch = arena_child(inventory->arena);
    PGresult *result;
    Err *err =
        live_query_run(scratch, session, tables_sql(scratch, session->version), "reading the list of tables", &result);
    for (int row = 0; err == NULL && row < PQntuples(result); row++) {
        add_table(session, inventory, result, row);
        *LIST_PUSH(inventory->arena, *out) = read_table(session, inventory->arena, result, row);
    }
    if (err == NULL)
        err = add_columns(session, inventory, out, scratch);
    err = err == NULL ? NULL : err_copy(inventory->arena, err);
    arena_free(scratch);
    return err;
}
