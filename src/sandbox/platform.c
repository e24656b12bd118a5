/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/platform.h"

#include <string.h>

#include "pg/identifier.h"
#include "sandbox/sandbox.h"

/* Attributes as the platform's initial migrations set them; LOGIN is left out, nobody logs in to a sandbox. */
static const struct {
    const char *name, *attributes;
} supabase_roles[] = {
    {"anon", ""},
    {"authenticated", ""},
    {"service_role", "BYPASSRLS"},
    {"authenticator", "NOINHERIT"},
    {"dashboard_user", "CREATEDB CREATEROLE"},
    {"supabase_admin", "SUPERUSER CREATEDB CREATEROLE BYPASSRLS"},
    {"supabase_auth_admin", "CREATEROLE NOINHERIT"},
    {"supabase_storage_admin", "CREATEROLE NOINHERIT"},
    {"supabase_functions_admin", "CREATEROLE NOINHERIT"},
    {"supabase_realtime_admin", "NOINHERIT"},
    {"supabase_replication_admin", "REPLICATION"},
    {"supabase_read_only_user", "BYPASSRLS"},
    {"supabase_etl_admin", ""},
    {"supabase_privileged_role", ""},
    {"pgsodium_keyholder", ""},
    {"pgsodium_keyiduser", ""},
    {"pgsodium_keymaker", ""},
    {"pgtle_admin", ""},
    {"pgbouncer", ""},
};

static const char *supabase_attributes(const char *role) {
    for (size_t i = 0; i < sizeof(supabase_roles) / sizeof(supabase_roles[0]); i++)
        if (strcmp(supabase_roles[i].name, role) == 0)
            return supabase_roles[i].attributes;
    return NULL;
}

bool platform_is_supabase(const Inventory *inventory) {
    size_t known = 0;
    LIST_EACH (const InventoryRole, role, inventory->roles) {
        if (strncmp(role->name, "supabase_", 9) == 0)
            return true;
        known += strcmp(role->name, "anon") == 0 || strcmp(role->name, "authenticated") == 0;
    }
    return known == 2;
}

const char *platform_attributes(const Inventory *inventory, const char *role) {
    const char *attributes = platform_is_supabase(inventory) ? supabase_attributes(role) : NULL;
    if (attributes == NULL)
        return "";
    if (strstr(attributes, "BYPASSRLS") != NULL)
        return "BYPASSRLS";
    return strstr(attributes, "NOINHERIT") != NULL ? "NOINHERIT" : "";
}

static Err *role_exists(Arena *arena, Query *query, const char *role, bool *exists) {
    PGresult *result = NULL;
    TRY(query_run(arena, query, "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1",
                  (const char *const[]){role, NULL}, &result));
    *exists = PQntuples(result) > 0;
    return NULL;
}

Err *platform_roles(Arena *arena, Query *query, const Inventory *inventory, size_t *made) {
    *made = 0;
    bool supabase = platform_is_supabase(inventory);
    LIST_EACH (const InventoryRole, role, inventory->roles) {
        bool exists = false;
        /* pg_ roles are PostgreSQL's own: one that is not here belongs to a newer version and must stay an error. */
        if (strncmp(role->name, "pg_", 3) == 0 || strcmp(role->name, "public") == 0)
            continue;
        TRY(role_exists(arena, query, role->name, &exists));
        if (exists)
            continue;
        const char *attributes = supabase ? supabase_attributes(role->name) : NULL;
        PGresult *result = NULL;
        TRY(query_run(arena, query,
                      arena_printf(arena, "CREATE ROLE %s NOLOGIN %s", identifier_always_quote(arena, role->name),
                                   attributes == NULL ? "" : attributes),
                      NULL, &result));
        (*made)++;
    }
    return NULL;
}

bool platform_creates_schema(const Inventory *inventory, const char *database, const char *schema) {
    const InventoryObject wanted = {.database = database, .kind = "SCHEMA", .schema = "", .table = "", .name = schema};
    return inventory_has_object(inventory, &wanted);
}

static const char *const left_out_schemas[] = {"auth",     "storage", "extensions", "graphql_public",
                                               "realtime", "vault",   "graphql"};

/* The claims of a request stand in a setting; policies read them through these. */
static const char *const stubs[] = {
    "CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS "
    "$$SELECT pg_catalog.current_setting('request.jwt.claims', true)::pg_catalog.jsonb WHERE "
    "pg_catalog.current_setting('request.jwt.claims', true) <> ''$$",
    "CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$SELECT (auth.jwt() ->> 'sub')::pg_catalog.uuid$$",
    "CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS $$SELECT auth.jwt() ->> 'role'$$",
    "CREATE FUNCTION auth.email() RETURNS text LANGUAGE sql STABLE AS $$SELECT auth.jwt() ->> 'email'$$",
    "GRANT USAGE ON SCHEMA auth TO PUBLIC",
};

/* Of a cluster's databases most are empty. */
static bool holds_something(const Inventory *inventory, const char *database) {
    if (inventory->databases.count <= 1)
        return true;
    LIST_EACH (const InventoryObject, object, inventory->objects) {
        if (strcmp(object->database, database) == 0)
            return true;
    }
    return false;
}

Err *platform_stubs(Arena *arena, Query *query, const Inventory *inventory, const char *database, const char **made) {
    *made = "";
    if (!platform_is_supabase(inventory) || !holds_something(inventory, database))
        return NULL;
    PGresult *result = NULL;
    for (size_t i = 0; i < sizeof(left_out_schemas) / sizeof(left_out_schemas[0]); i++) {
        if (platform_creates_schema(inventory, database, left_out_schemas[i]))
            continue;
        TRY(query_run(arena, query, arena_printf(arena, "CREATE SCHEMA IF NOT EXISTS %s", left_out_schemas[i]), NULL,
                      &result));
        *made = arena_printf(arena, "%s%s%s", *made, (*made)[0] == '\0' ? "schema " : ", ", left_out_schemas[i]);
    }
    if (platform_creates_schema(inventory, database, "auth"))
        return NULL;
    for (size_t i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++)
        TRY(query_run(arena, query, stubs[i], NULL, &result));
    *made = arena_printf(arena, "%s, functions auth.uid(), auth.role(), auth.jwt(), auth.email()", *made);
    return NULL;
}
