/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/critical.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "inventory/live.h"
#include "pg/identifier.h"

/* Names under which applications keep what they cannot do without. */
static const char *const telling_names[] = {
    "organizations", "organisations",
    "tenants",       "companies",
    "workspaces",    "profiles",
    "users",         "accounts",
    "customers",     "members",
    "agents",        "appointments",
    "bookings",      "contacts",
    "call_logs",     "calls",
    "conversations", "messages",
    "orders",        "invoices",
    "payments",      "transactions",
    "subscriptions", "products",
    "documents",     "knowledge_base_chunks",
};

/* Of the schemas a platform manages only these tables hold what belongs to the application. */
static const struct {
    const char *schema;
    const char *tables[4]; /* none: nothing of it */
} managed[] = {
    {"auth", {"users", "identities"}},
    {"storage", {"buckets", "objects"}},
    {"realtime", {NULL}},
    {"_realtime", {NULL}},
    {"vault", {"secrets"}},
    {"supabase_functions", {NULL}},
    {"supabase_migrations", {NULL}},
    {"extensions", {NULL}},
    {"graphql", {NULL}},
    {"graphql_public", {NULL}},
    {"net", {NULL}},
    {"pgsodium", {NULL}},
    {"pgbouncer", {NULL}},
    {"cron", {"job"}},
};

/* A partitioned table counts with its partitions, as one; foreign keys of partitions are their parent's. */
static const char facts_sql[] =
    "WITH RECURSIVE tree(root, oid) AS ("
    " SELECT c.oid, c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    "  WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    "   AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)"
    "   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    "        AND d.objid = c.oid AND d.deptype = 'e')"
    " UNION ALL SELECT t.root, i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid),"
    " sizes AS (SELECT root, sum(pg_catalog.pg_total_relation_size(oid)) AS bytes FROM tree GROUP BY root),"
    " referring AS (SELECT b.root, count(DISTINCT a.root) AS tables FROM pg_catalog.pg_constraint k"
    "  JOIN tree a ON a.oid = k.conrelid JOIN tree b ON b.oid = k.confrelid"
    "  WHERE k.contype = 'f' AND a.root <> b.root GROUP BY b.root)"
    " SELECT n.nspname, c.relname, coalesce(r.tables, 0), coalesce(s.bytes, 0)"
    " FROM sizes s JOIN pg_catalog.pg_class c ON c.oid = s.root"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN referring r ON r.root = s.root";

static bool is_telling(const char *name) {
    for (size_t i = 0; i < sizeof(telling_names) / sizeof(telling_names[0]); i++) {
        if (strcmp(telling_names[i], name) == 0)
            return true;
    }
    return false;
}

/* False for a table that the platform brings along and makes anew. */
static bool belongs_to_application(const char *schema, const char *name) {
    for (size_t i = 0; i < sizeof(managed) / sizeof(managed[0]); i++) {
        if (strcmp(managed[i].schema, schema) != 0)
            continue;
        for (size_t k = 0; k < 4 && managed[i].tables[k] != NULL; k++) {
            if (strcmp(managed[i].tables[k], name) == 0)
                return true;
        }
        return false;
    }
    return true;
}

static const char *append(Arena *arena, const char *reasons, const char *reason) {
    return reasons == NULL ? reason : arena_printf(arena, "%s; %s", reasons, reason);
}

const char *critical_reasons(Arena *arena, const CriticalFacts *facts, int *strength) {
    const char *reasons = NULL;
    *strength = 0;
    if (!belongs_to_application(facts->schema, facts->name))
        return NULL;
    if (is_telling(facts->name)) {
        reasons = append(arena, reasons, "its name");
        *strength += 100;
    }
    /* one reference is how any two tables hang together; two make a hub */
    if (facts->referring >= 2) {
        reasons = append(arena, reasons,
                         arena_printf(arena, "%llu tables refer to it", (unsigned long long)facts->referring));
        *strength += 10 * (int)(facts->referring > 9 ? 9 : facts->referring);
    }
    double share = facts->total_bytes == 0 ? 0 : (double)facts->bytes / (double)facts->total_bytes;
    if (share >= 0.1 && facts->bytes >= 1000000) {
        reasons =
            append(arena, reasons,
                   arena_printf(arena, "%s, %.0f %% of the data", file_size_text(arena, facts->bytes), share * 100));
        *strength += (int)(share * 100);
    }
    return reasons;
}

typedef struct Candidate {
    CriticalTable table;
    int strength;
} Candidate;

static int compare(const void *a, const void *b) {
    const Candidate *left = a, *right = b;
    if (left->strength != right->strength)
        return left->strength < right->strength ? 1 : -1;
    return strcmp(left->table.name, right->table.name);
}

/* A name with a control character cannot stand in a configuration line. */
static bool can_be_written(Arena *arena, const char *name) {
    return strcmp(text_safe(arena, name), name) == 0;
}

static uint64_t number_at(const PGresult *result, int row, int column) {
    uint64_t value = 0;
    text_to_u64(text_of(PQgetvalue(result, row, column)), &value);
    return value;
}

Err *critical_find(Arena *arena, PGconn *connection, CriticalTables *out, uint64_t *considered) {
    PGresult *result = NULL;
    LIST(Candidate) candidates = {0};
    uint64_t total = 0;
    TRY(live_query(arena, connection, facts_sql, NULL, &result));
    int rows = PQntuples(result);
    for (int i = 0; i < rows; i++)
        total += number_at(result, i, 3);
    for (int i = 0; i < rows; i++) {
        CriticalFacts facts = {.schema = PQgetvalue(result, i, 0),
                               .name = PQgetvalue(result, i, 1),
                               .referring = number_at(result, i, 2),
                               .bytes = number_at(result, i, 3),
                               .total_bytes = total};
        int strength = 0;
        const char *reasons = critical_reasons(arena, &facts, &strength);
        const char *name =
            arena_printf(arena, "%s.%s", identifier_quote(arena, facts.schema), identifier_quote(arena, facts.name));
        if (reasons != NULL && can_be_written(arena, name))
            *LIST_PUSH(arena, candidates) = (Candidate){.table = {name, reasons}, .strength = strength};
    }
    if (candidates.count > 1)
        qsort(candidates.items, candidates.count, sizeof(Candidate), compare);
    for (size_t i = 0; i < candidates.count && i < CRITICAL_MOST; i++)
        *LIST_PUSH(arena, *out) = candidates.items[i].table;
    *considered = (uint64_t)rows;
    return NULL;
}
