/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/likeness.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "base/time.h"
#include "pg/identifier.h"
#include "sandbox/query.h"

/* How many differing tables a zone is tried on, the smallest ones, and how long the search may take. */
enum { TABLES_TRIED = 5 };
static const int64_t search_patience = 120 * TIME_SECOND;

typedef LIST(const InventoryTable *) Tables;

typedef struct Search {
    Arena *arena;
    const LikenessRequest *request;
    Query *query;
    Tables tables; /* of the backup: those that differ and hold instants, smallest first */
    InventoryNames zones;
} Search;

static int smaller_first(const void *left, const void *right) {
    const InventoryTable *a = *(const InventoryTable *const *)left, *b = *(const InventoryTable *const *)right;
    return (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

static Err *holds_instants(Search *search, const InventoryTable *table, bool *out) {
    PGresult *result = NULL;
    const char *name = arena_printf(search->arena, "%s.%s", identifier_always_quote(search->arena, table->schema),
                                    identifier_always_quote(search->arena, table->name));
    TRY(query_run(search->arena, search->query,
                  "WITH RECURSIVE part AS (SELECT atttypid AS type FROM pg_catalog.pg_attribute WHERE attrelid = "
                  "pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped UNION SELECT unnest(ARRAY[t.typelem, "
                  "t.typbasetype, r.rngsubtype, a.atttypid]) FROM part JOIN pg_catalog.pg_type t ON t.oid = part.type "
                  "LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_catalog.pg_attribute a ON "
                  "a.attrelid = t.typrelid AND a.attnum > 0) SELECT 1 FROM part WHERE type IN "
                  "('timestamptz'::regtype, 'tstzrange'::regtype, 'tstzmultirange'::regtype) LIMIT 1",
                  (const char *const[]){name, NULL}, &result));
    *out = PQntuples(result) > 0;
    return NULL;
}

/* The same number of rows and another digest. */
static Err *find_differing(Search *search, const Inventory *copy) {
    LIST_EACH (const InventoryTable, table, search->request->backup->inventory->tables) {
        const InventoryTable *other = inventory_find_table(copy, "", table->schema, table->name);
        bool instants = false;
        if (search->request->database != NULL && table->database[0] != '\0' &&
            strcmp(table->database, search->request->database) != 0)
            continue;
        if (other == NULL || !table->digested || !other->digested || table->rows != other->rows ||
            hash_sum_equal(table->digest, other->digest))
            continue;
        TRY(holds_instants(search, table, &instants));
        if (instants)
            *LIST_PUSH(search->arena, search->tables) = table;
    }
    if (search->tables.count > 1)
        qsort(search->tables.items, search->tables.count, sizeof(search->tables.items[0]), smaller_first);
    if (search->tables.count > TABLES_TRIED)
        search->tables.count = TABLES_TRIED;
    return NULL;
}

/* This machine's own zone first: the dump was most likely taken here, or by somebody who lives here. */
static void add_own_zone(Search *search) {
    char target[PATH_MAX];
    ssize_t length = readlink("/etc/localtime", target, sizeof(target) - 1);
    if (length <= 0)
        return;
    target[length] = '\0';
    const char *name = strstr(target, "zoneinfo/");
    if (name != NULL)
        *LIST_PUSH(search->arena, search->zones) = arena_strdup(search->arena, name + strlen("zoneinfo/"));
}

/* One zone of each kind, by its summer and its winter, before all the others. */
static Err *list_zones(Search *search) {
    PGresult *result = NULL;
    add_own_zone(search);
    TRY(query_run(
        search->arena, search->query,
        "SELECT name FROM (SELECT name, row_number() OVER (PARTITION BY '2026-01-15 00:00+00'::timestamptz AT "
        "TIME ZONE name, '2026-07-15 00:00+00'::timestamptz AT TIME ZONE name ORDER BY name LIKE 'Etc/%', "
        "name) AS place FROM pg_catalog.pg_timezone_names WHERE name !~ '^(posix|right)/') z ORDER BY place, "
        "name",
        NULL, &result));
    for (int row = 0; row < PQntuples(result); row++)
        *LIST_PUSH(search->arena, search->zones) = arena_strdup(search->arena, PQgetvalue(result, row, 0));
    return NULL;
}

static const char *copy_statement(Arena *arena, const InventoryTable *table) {
    Buf *sql = buf_new(arena, (size_t)8 << 20);
    buf_printf(sql, "COPY %s.%s ", identifier_always_quote(arena, table->schema),
               identifier_always_quote(arena, table->name));
    for (size_t at = 0; at < table->copy_columns.count; at++)
        buf_printf(sql, "%s%s", at == 0 ? "(" : ", ", identifier_always_quote(arena, table->copy_columns.items[at]));
    buf_string(sql, table->copy_columns.count == 0 ? "TO STDOUT" : ") TO STDOUT");
    return sql->at;
}

static Err *digest(Search *search, const InventoryTable *table, HashSum *out) {
    PGconn *connection = search->query->connection;
    char *row = NULL;
    int length;
    uint64_t rows = 0;
    Err *err = NULL;
    *out = (HashSum){0};
    PGresult *result = PQexec(connection, copy_statement(search->arena, table));
    bool copying = PQresultStatus(result) == PGRES_COPY_OUT;
    PQclear(result);
    while (copying && (length = PQgetCopyData(connection, &row, 0)) > 0) {
        hash_sum_add(out, hash_row(row, row[length - 1] == '\n' ? (size_t)length - 1 : (size_t)length));
        PQfreemem(row);
        if ((++rows & 4095) == 0 && err == NULL)
            err = interrupt_check(search->arena);
    }
    while ((result = PQgetResult(connection)) != NULL)
        PQclear(result);
    return err;
}

/* On how many of the tables the zone gives the backup's digest. */
static Err *try_zone(Search *search, const char *zone, size_t *matches) {
    PGresult *result = NULL;
    *matches = 0;
    TRY(query_try(search->arena, search->query, "SELECT pg_catalog.set_config('TimeZone', $1, false)",
                  (const char *const[]){zone, NULL}, &result));
    if (!query_succeeded(result))
        return NULL; /* the machine's name for its zone, which the server does not know */
    LIST_EACH (const InventoryTable *const, table, search->tables) {
        HashSum sum;
        TRY(digest(search, *table, &sum));
        *matches += hash_sum_equal(sum, (*table)->digest);
    }
    return NULL;
}

static Err *find_zone(Search *search, const char **out) {
    int64_t began = time_monotonic();
    size_t best = 0;
    *out = NULL;
    LIST_EACH (const char *const, zone, search->zones) {
        size_t matches = 0;
        if (time_monotonic() - began > search_patience)
            break;
        TRY(try_zone(search, *zone, &matches));
        if (matches > best) {
            best = matches;
            *out = *zone;
        }
        if (best == search->tables.count)
            break;
    }
    return NULL;
}

static Err *start_search(Search *search) {
    Arena *arena = search->arena;
    const char *encoding = search->request->backup->encoding;
    PGresult *result = NULL;
    TRY(query_connect(arena, search->request->live.conninfo, 0, &search->query));
    TRY(query_run(arena, search->query,
                  "SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 3; SET bytea_output "
                  "= 'hex'; SET row_security = off; SET search_path = ''",
                  NULL, &result));
    return query_run(arena, search->query, "SELECT pg_catalog.set_config('client_encoding', $1, false)",
                     (const char *const[]){encoding == NULL || encoding[0] == '\0' ? "UTF8" : encoding, NULL}, &result);
}

Err *likeness_take(Arena *arena, const LikenessRequest *request, Inventory **out) {
    LiveRequest live = request->live;
    const char *encoding = request->backup->encoding, *zone = NULL;
    live.digests = !request->backup->insert_style;
    live.client_encoding = encoding == NULL || encoding[0] == '\0' ? NULL : encoding;
    live.time_zone = request->zone;
    TRY(live_inventory(arena, &live, out));
    Search search = {.arena = arena_child(arena), .request = request};
    Err *err = start_search(&search);
    if (err == NULL)
        err = find_differing(&search, *out);
    if (err == NULL && search.tables.count > 0)
        err = list_zones(&search);
    if (err == NULL && search.tables.count > 0)
        err = find_zone(&search, &zone);
    live.time_zone = zone == NULL ? NULL : arena_strdup(arena, zone);
    err = err == NULL ? NULL : err_copy(arena, err);
    arena_free(search.arena);
    TRY(err);
    return zone == NULL ? NULL : live_inventory(arena, &live, out);
}
