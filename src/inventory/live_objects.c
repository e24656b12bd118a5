/* SPDX-License-Identifier: PostgreSQL */
#include "inventory/live_parts.h"

/*
 * What else a database holds, named as pg_dump's table of contents names it, and only what pg_dump writes: so that a
 * full dump shows no difference. Each row is one kind: kind, schema, table, name, owner. The rules are those of the
 * get... and selectDumpable... functions of src/bin/pg_dump/pg_dump.c (PostgreSQL 13 to 18):
 * - nothing of the system's schemas, nothing that belongs to an extension, nothing that initdb made (OID below 16384);
 * - an index behind a constraint is that constraint; an invalid index is not written;
 * - constraints: primary key, unique, exclusion, foreign key, check. Not: NOT NULL (inside CREATE TABLE without a life
 * of its own), constraint triggers (triggers), what a partition or child inherited (comes with the parent), domains'
 * checks;
 * - triggers and rules that the system made for itself do not count: a partition's copy of its parent's trigger
 * (pg_dump writes one that was disabled, as ALTER TABLE, under its name), the rule that makes a view a view;
 * - array, multirange and row types come with what they belong to.
 */
typedef struct ObjectQuery {
    int since, until; /* server versions it is for: since <= version < until */
    const char *sql;
} ObjectQuery;

#define ANY 0, 9999999

/* relation: what may carry indexes, constraints and the like. member: (catalogue, oid) of what extensions own. The hole
 * is for relispartition, which came with 10. */
static const char prologue[] =
    "WITH member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),"
    " space AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),"
    " relation AS (SELECT c.oid, c.relname, c.relkind, c.relowner, %s AS relispartition, s.nspname"
    " FROM pg_class c JOIN space s ON s.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v') AND c.relpersistence <> 't'"
    " AND (c.tableoid, c.oid) NOT IN (SELECT classid, objid FROM member)) ";

#define OWN(alias) " AND (" alias ".tableoid, " alias ".oid) NOT IN (SELECT classid, objid FROM member)"

/* An object with name, schema and owner columns and nothing special about it. */
#define PLAIN(kind, catalogue, prefix)                                                                                 \
    "SELECT '" kind "'::text, s.nspname::text, ''::text, x." prefix "name::text, pg_get_userbyid(x." prefix            \
    "owner)::text FROM " catalogue " x JOIN space s ON s.oid = x." prefix "namespace WHERE true" OWN("x")

#define SIGNATURE(empty)                                                                                               \
    "p.proname || '(' || coalesce((SELECT string_agg(format_type(a.t, NULL), ', ' ORDER BY a.o)"                       \
    " FROM unnest(p.proargtypes) WITH ORDINALITY a(t, o)), '" empty "') || ')'"

#define FUNCTIONS(kind, empty, condition)                                                                              \
    "SELECT '" kind "', s.nspname::text, '', " SIGNATURE(                                                              \
        empty) ", pg_get_userbyid(p.proowner)::text"                                                                   \
               " FROM pg_proc p JOIN space s ON s.oid = p.pronamespace WHERE " condition OWN(                          \
                   "p") " AND NOT EXISTS (SELECT 1 FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND "        \
                        "i.objid = p.oid"                                                                              \
                        " AND i.deptype = 'i')"

#define TRIGGERS(condition)                                                                                            \
    "SELECT 'TRIGGER', r.nspname::text, r.relname::text, t.tgname::text, pg_get_userbyid(r.relowner)::text"            \
    " FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE " condition

/* Foreign keys copied to partitions name their parent since 11. */
#define CONSTRAINTS(inherited)                                                                                         \
    "SELECT 'CONSTRAINT', r.nspname::text, r.relname::text, k.conname::text, pg_get_userbyid(r.relowner)::text"        \
    " FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid WHERE k.contype IN ('p', 'u', 'x')"                   \
    " OR (k.contype = 'f'" inherited ") OR (k.contype = 'c' AND (k.conislocal OR r.relispartition))"

#define INDEXES(valid)                                                                                                 \
    "SELECT 'INDEX', r.nspname::text, r.relname::text, i.relname::text, pg_get_userbyid(r.relowner)::text"             \
    " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN relation r ON r.oid = x.indrelid"                   \
    " WHERE " valid " AND x.indisready AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = x.indrelid"    \
    " AND k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))"

static const ObjectQuery queries[] = {
    {ANY, "SELECT 'SCHEMA'::text, ''::text, ''::text, x.nspname::text, pg_get_userbyid(x.nspowner)::text"
          " FROM pg_namespace x JOIN space s ON s.oid = x.oid WHERE true" OWN("x")},
    {ANY, "SELECT CASE r.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'TABLE' WHEN 'f' THEN 'FOREIGN TABLE'"
          " WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, r.nspname::text, '', r.relname::text,"
          " pg_get_userbyid(r.relowner)::text FROM relation r"},
    {ANY, "SELECT 'SEQUENCE', s.nspname::text, '', x.relname::text, pg_get_userbyid(x.relowner)::text"
          " FROM pg_class x JOIN space s ON s.oid = x.relnamespace"
          " WHERE x.relkind = 'S' AND x.relpersistence <> 't'" OWN("x")},
    {0, 110000, INDEXES("x.indisvalid")},
    {110000, 9999999, INDEXES("(x.indisvalid OR r.relkind = 'p')")},
    {0, 110000, CONSTRAINTS("")},
    {110000, 9999999, CONSTRAINTS(" AND k.conparentid = 0")},
    {ANY, "SELECT 'POLICY', r.nspname::text, r.relname::text, p.polname::text, pg_get_userbyid(r.relowner)::text"
          " FROM pg_policy p JOIN relation r ON r.oid = p.polrelid"},
    {0, 150000, TRIGGERS("NOT t.tgisinternal")},
    {150000, 9999999, TRIGGERS("NOT t.tgisinternal AND t.tgparentid = 0")},
    {ANY, "SELECT 'RULE', r.nspname::text, r.relname::text, x.rulename::text, pg_get_userbyid(r.relowner)::text"
          " FROM pg_rewrite x JOIN relation r ON r.oid = x.ev_class"
          " WHERE NOT (r.relkind IN ('v', 'm') AND x.ev_type = '1' AND x.is_instead)"},
    {0, 110000, FUNCTIONS("FUNCTION", "", "NOT p.proisagg")},
    {0, 110000, FUNCTIONS("AGGREGATE", "*", "p.proisagg")},
    {110000, 9999999, FUNCTIONS("FUNCTION", "", "p.prokind IN ('f', 'w')")},
    {110000, 9999999, FUNCTIONS("PROCEDURE", "", "p.prokind = 'p'")},
    {110000, 9999999, FUNCTIONS("AGGREGATE", "*", "p.prokind = 'a'")},
    {ANY, "SELECT CASE WHEN x.typtype = 'd' THEN 'DOMAIN' ELSE 'TYPE' END, s.nspname::text, '', x.typname::text,"
          " pg_get_userbyid(x.typowner)::text FROM pg_type x JOIN space s ON s.oid = x.typnamespace"
          " WHERE (x.typtype IN ('b', 'd', 'e', 'r') OR (x.typtype = 'p' AND NOT x.typisdefined) OR (x.typtype = 'c'"
          " AND EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = x.typrelid AND c.relkind = 'c')))"
          " AND NOT EXISTS (SELECT 1 FROM pg_type e WHERE e.oid = x.typelem AND e.typarray = x.oid)" OWN("x")},
    {ANY, PLAIN("COLLATION", "pg_collation", "coll")},
    {ANY, PLAIN("CONVERSION", "pg_conversion", "con")},
    {ANY, PLAIN("OPERATOR", "pg_operator", "opr") " AND x.oprcode <> 0"},
    {ANY, PLAIN("OPERATOR CLASS", "pg_opclass", "opc")},
    {ANY, PLAIN("OPERATOR FAMILY", "pg_opfamily", "opf")},
    {ANY, PLAIN("TEXT SEARCH CONFIGURATION", "pg_ts_config", "cfg")},
    {ANY, PLAIN("TEXT SEARCH DICTIONARY", "pg_ts_dict", "dict")},
    {ANY, "SELECT 'TEXT SEARCH PARSER', s.nspname::text, '', x.prsname::text, ''"
          " FROM pg_ts_parser x JOIN space s ON s.oid = x.prsnamespace WHERE true" OWN("x")},
    {ANY, "SELECT 'TEXT SEARCH TEMPLATE', s.nspname::text, '', x.tmplname::text, ''"
          " FROM pg_ts_template x JOIN space s ON s.oid = x.tmplnamespace WHERE true" OWN("x")},
    {100000, 9999999,
     "SELECT 'STATISTICS', s.nspname::text, '', x.stxname::text, pg_get_userbyid(x.stxowner)::text"
     " FROM pg_statistic_ext x JOIN space s ON s.oid = x.stxnamespace JOIN relation r ON r.oid = x.stxrelid WHERE "
     "true" OWN("x")},
    {ANY,
     "SELECT 'CAST', '', '', 'CAST (' || format_type(x.castsource, NULL) || ' AS ' || format_type(x.casttarget, NULL)"
     " || ')', '' FROM pg_cast x WHERE x.oid >= 16384" OWN(
         "x") " AND NOT EXISTS (SELECT 1 FROM pg_depend i WHERE i.classid = 'pg_cast'::regclass AND i.objid = x.oid"
              " AND i.deptype = 'i')"},
    {ANY, "SELECT 'PROCEDURAL LANGUAGE', '', '', x.lanname::text, pg_get_userbyid(x.lanowner)::text FROM pg_language x"
          " WHERE x.lanispl AND x.oid >= 16384" OWN("x")},
    {ANY, "SELECT 'ACCESS METHOD', '', '', x.amname::text, '' FROM pg_am x WHERE x.oid >= 16384" OWN("x")},
    {ANY, "SELECT 'FOREIGN DATA WRAPPER', '', '', x.fdwname::text, pg_get_userbyid(x.fdwowner)::text"
          " FROM pg_foreign_data_wrapper x WHERE x.oid >= 16384" OWN("x")},
    {ANY, "SELECT 'SERVER', '', '', x.srvname::text, pg_get_userbyid(x.srvowner)::text FROM pg_foreign_server x"
          " WHERE x.oid >= 16384" OWN("x")},
    {ANY, "SELECT 'EVENT TRIGGER', '', '', x.evtname::text, pg_get_userbyid(x.evtowner)::text FROM pg_event_trigger x"
          " WHERE true" OWN("x")},
    {100000, 9999999,
     "SELECT 'PUBLICATION', '', '', x.pubname::text, pg_get_userbyid(x.pubowner)::text"
     " FROM pg_publication x WHERE true" OWN("x")},
    {ANY,
     "SELECT 'TRANSFORM', '', '', 'TRANSFORM FOR ' || format_type(x.trftype, NULL) || ' LANGUAGE ' || l.lanname, ''"
     " FROM pg_transform x JOIN pg_language l ON l.oid = x.trflang WHERE x.oid >= 16384" OWN("x")},
};

/* One statement for all kinds: one round trip. */
static const char *all_sql(Arena *arena, int version) {
    Buf *sql = buf_new(arena, 64 * 1024);
    buf_printf(sql, prologue, version >= 100000 ? "c.relispartition" : "false");
    size_t start = sql->length;
    for (size_t at = 0; at < sizeof(queries) / sizeof(queries[0]); at++)
        if (version >= queries[at].since && version < queries[at].until)
            buf_printf(sql, "%s%s", sql->length > start ? " UNION ALL " : "", queries[at].sql);
    return sql->at;
}

static Err *read_objects(LiveSession *session, Inventory *inventory, Arena *scratch) {
    PGresult *result;
    TRY(live_query_run(scratch, session, all_sql(scratch, session->version), "reading the list of objects", &result));
    for (int row = 0; row < PQntuples(result); row++) {
        const InventoryObject object = {.kind = PQgetvalue(result, row, 0),
                                        .schema = PQgetvalue(result, row, 1),
                                        .table = PQgetvalue(result, row, 2),
                                        .name = PQgetvalue(result, row, 3),
                                        .owner = PQgetvalue(result, row, 4)};
        inventory_object(inventory, &object);
        if (object.owner[0] != '\0')
            inventory_role(inventory, object.owner)->referenced = true;
    }
    return NULL;
}

/* Extensions that initdb made (plpgsql) are not written by pg_dump. */
static Err *read_extensions(LiveSession *session, Inventory *inventory, Arena *scratch) {
    PGresult *result;
    TRY(live_query_run(
        scratch, session,
        "SELECT e.extname, n.nspname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE e.oid >= 16384",
        "reading the list of extensions", &result));
    Arena *arena = inventory->arena;
    for (int row = 0; row < PQntuples(result); row++)
        *LIST_PUSH(arena, inventory->extensions) =
            (InventoryExtension){.database = "",
                                 .name = arena_strdup(arena, PQgetvalue(result, row, 0)),
                                 .schema = arena_strdup(arena, PQgetvalue(result, row, 1)),
                                 .version = arena_strdup(arena, PQgetvalue(result, row, 2))};
    return NULL;
}

/* pg_shdepend knows who owns, is granted, or is named by a policy anything in this database. */
static Err *read_roles(LiveSession *session, Inventory *inventory, Arena *scratch) {
    PGresult *result;
    TRY(live_query_run(
        scratch, session,
        "SELECT r.rolname, EXISTS (SELECT 1 FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND"
        " d.refobjid = r.oid AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))"
        " FROM pg_roles r WHERE r.rolname !~ '^pg_'",
        "reading the list of roles", &result));
    for (int row = 0; row < PQntuples(result); row++) {
        InventoryRole *role = inventory_role(inventory, PQgetvalue(result, row, 0));
        role->defined = true;
        role->referenced = role->referenced || PQgetvalue(result, row, 1)[0] == 't';
    }
    return NULL;
}

Err *live_objects(LiveSession *session, Inventory *inventory) {
    static Err *(*const readers[])(LiveSession *, Inventory *, Arena *) = {read_objects, read_extensions, read_roles};
    Err *err = NULL;
    for (size_t at = 0; at < sizeof(readers) / sizeof(readers[0]) && err == NULL; at++) {
        Arena *scratch = arena_child(inventory->arena);
        err = readers[at](session, inventory, scratch);
        err = err == NULL ? NULL : err_copy(inventory->arena, err);
        arena_free(scratch);
    }
    return err;
}
