/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "inventory/live_parts.h"

/*
 * Traits: how things are defined, whose they are and who may use them, which versions they have. One statement for all
 * of them, so that what is compared later was true at one moment. With an empty search path (live.h) the server writes
 * every name in full, so equal definitions are equal text on servers of one major version.
 */
#define SINCE 120000 /* attgenerated; older servers are not asked */

#define USER "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
#define OWN(catalogue, row)                                                                                            \
    " AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '" catalogue "'::regclass AND e.objid = " row        \
    ".oid AND e.deptype = 'e')"
#define RELATION " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
#define OWN_RELATION " AND " USER " AND c.relpersistence <> 't'" OWN("pg_class", "c")

/* "anon: SELECT; authenticated: INSERT, SELECT", without what the owner may do: newer versions grant it more. */
#define GRANTS(acl, kind, owner)                                                                                       \
    "coalesce((SELECT string_agg(g.text, '; ' ORDER BY g.text) FROM (SELECT coalesce(r.rolname, 'PUBLIC') || ': ' || " \
    "string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', ' ORDER BY a.privilege_type) "   \
    "FROM aclexplode(coalesce(" acl ", acldefault(" kind ", " owner "))) a LEFT JOIN pg_roles r ON r.oid = a.grantee " \
    "WHERE a.grantee <> " owner " GROUP BY a.grantee, r.rolname) g (text)), 'nobody else')"
#define ACCESS(acl, kind, owner) "'owner ' || pg_get_userbyid(" owner ") || '; ' || " GRANTS(acl, kind, owner)

/* Joined by UNION ALL: one statement. */
static const char *const traits[] = {
    /* definitions */
    "SELECT 'definition', n.nspname::text, format('column %I.%I.%I', n.nspname, c.relname, a.attname), "
    "format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || coalesce(CASE "
    "WHEN a.attgenerated <> '' THEN ' generated ' ELSE ' default ' END || pg_get_expr(v.adbin, v.adrelid), '') || CASE "
    "a.attidentity WHEN 'a' THEN ' identity always' WHEN 'd' THEN ' identity' ELSE '' END || coalesce(' collate ' || "
    "(SELECT l.collname FROM pg_collation l WHERE l.oid = a.attcollation AND l.collname <> 'default'), '')" RELATION
    " JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef v ON v.adrelid = c.oid AND v.adnum = a.attnum "
    "WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped" OWN_RELATION,
    "SELECT 'definition', n.nspname::text, format('table %I.%I', n.nspname, c.relname), format('row-level "
    "security "
    "%s%s, %s', CASE WHEN c.relrowsecurity THEN 'on' ELSE 'off' END, CASE WHEN c.relforcerowsecurity THEN ' and "
    "forced' "
    "ELSE '' END, CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'logged' END)" RELATION
    " WHERE c.relkind IN ('r', 'p')" OWN_RELATION,
    "SELECT 'definition', n.nspname::text, format('view %I.%I', n.nspname, c.relname), "
    "coalesce('with (' || array_to_string(c.reloptions, ', ') || ') ', '') || pg_get_viewdef(c.oid)" RELATION
    " WHERE c.relkind IN ('v', 'm')" OWN_RELATION,
    "SELECT 'definition', n.nspname::text, format('index %I.%I', n.nspname, i.relname), "
    "pg_get_indexdef(x.indexrelid)" RELATION
    " JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indisvalid" OWN_RELATION,
    "SELECT 'definition', n.nspname::text, format('constraint %I of %I.%I', k.conname, n.nspname, c.relname), "
    "pg_get_constraintdef(k.oid)" RELATION
    " JOIN pg_constraint k ON k.conrelid = c.oid WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')" OWN_RELATION,
    "SELECT 'definition', n.nspname::text, format('trigger %I of %I.%I', t.tgname, n.nspname, c.relname), "
    "pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'D' THEN ' disabled' WHEN 'A' THEN ' always' WHEN 'R' THEN ' on "
    "a replica' ELSE '' END" RELATION " JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal" OWN_RELATION,
    "SELECT 'definition', n.nspname::text, format('policy %I of %I.%I', p.polname, n.nspname, c.relname), "
    "format('%s for %s to %s using (%s) with check (%s)', CASE WHEN p.polpermissive THEN 'permissive' ELSE "
    "'restrictive' END, p.polcmd, (SELECT string_agg(coalesce(r.rolname, 'PUBLIC'), ', ' ORDER BY r.rolname) FROM "
    "unnest(p.polroles) q (oid) LEFT JOIN pg_roles r ON r.oid = q.oid), pg_get_expr(p.polqual, p.polrelid), "
    "pg_get_expr(p.polwithcheck, p.polrelid))" RELATION
    " JOIN pg_policy p ON p.polrelid = c.oid WHERE true" OWN_RELATION,
    "SELECT 'definition', n.nspname::text, format('function %I.%I(%s)', n.nspname, f.proname, "
    "pg_get_function_identity_arguments(f.oid)), pg_get_functiondef(f.oid) FROM pg_proc f JOIN pg_namespace n ON n.oid "
    "= f.pronamespace WHERE f.prokind <> 'a' AND " USER OWN("pg_proc", "f")
    /* access */,
    "SELECT 'access', n.nspname::text, format('schema %I', n.nspname), " ACCESS(
        "n.nspacl", "'n'", "n.nspowner") " FROM pg_namespace n WHERE " USER
        OWN("pg_namespace",
            "n") " UNION ALL SELECT 'access', n.nspname::text, format('%s %I.%I', CASE c.relkind WHEN 'S' THEN "
                 "'sequence' "
                 "WHEN 'v' THEN "
                 "'view' WHEN 'm' THEN 'view' ELSE 'table' END, n.nspname, c.relname), CASE c.relkind WHEN 'S' "
                 "THEN " ACCESS("c.relacl", "'s'", "c.relowner") " ELSE " ACCESS(
                     "c.relacl", "'r'", "c.relowner") " END" RELATION
                                                      " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')" OWN_RELATION,
    "SELECT 'access', n.nspname::text, format('column %I.%I.%I', n.nspname, "
    "c.relname, a.attname), " GRANTS("a.attacl", "'c'", "c.relowner") RELATION
    " JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT "
    "a.attisdropped" OWN_RELATION,
    "SELECT 'access', n.nspname::text, format('function %I.%I(%s)', n.nspname, f.proname, "
    "pg_get_function_identity_arguments(f.oid)), " ACCESS(
        "f.proacl", "'f'",
        "f.proowner") " FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE " USER OWN("pg_proc", "f")
    /* versions */,
    "SELECT 'version', ''::text, format('extension %I', x.extname), x.extversion FROM pg_extension x",
    "SELECT 'version', n.nspname, format('collation %I.%I', n.nspname, l.collname), l.collversion FROM "
    "pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.collversion IS NOT NULL AND " USER};

static int order(const void *a, const void *b) {
    const InventoryTrait *left = a, *right = b;
    return inventory_trait_order(left, right);
}

Err *live_traits(LiveSession *session, Inventory *inventory) {
    Arena *arena = inventory->arena;
    if (session->version < SINCE)
        return NULL;
    Buf *sql = buf_new(arena, (size_t)1 << 20);
    for (size_t at = 0; at < sizeof(traits) / sizeof(traits[0]); at++)
        buf_printf(sql, "%s%s", at == 0 ? "" : " UNION ALL ", traits[at]);
    PGresult *result;
    TRY(live_query_run(arena, session, sql->at, "reading definitions and grants", &result));
    for (int row = 0; row < PQntuples(result); row++)
        *LIST_PUSH(arena, inventory->traits) =
            (InventoryTrait){.kind = arena_strdup(arena, PQgetvalue(result, row, 0)),
                             .schema = arena_strdup(arena, PQgetvalue(result, row, 1)),
                             .name = arena_strdup(arena, PQgetvalue(result, row, 2)),
                             .value = arena_strdup(arena, PQgetvalue(result, row, 3))};
    if (inventory->traits.count > 1)
        qsort(inventory->traits.items, inventory->traits.count, sizeof(InventoryTrait), order);
    inventory->traits_known = true;
    return NULL;
}
