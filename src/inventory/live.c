/* SPDX-License-Identifier: PostgreSQL */
#include "inventory/live.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "inventory/live_parts.h"

#define JOIN_PATIENCE (5 * TIME_SECOND) /* a session pool without a free server keeps a further client waiting */

static const char begin_sql[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;";

/* One inventory being taken. */
typedef struct Taking {
    Arena *arena;
    const LiveRequest *request;
    Inventory *inventory;
    LiveSession *sessions; /* [0] holds the snapshot and counts as well; each is one thread's */
    int session_count;
    LiveTables tables; /* as the catalogue lists them, by OID */
    const LiveTable **chosen;
    size_t chosen_count;
    atomic_uint_fast64_t done;
} Taking;

/* ---- the session that holds the snapshot ---- */

static Err *read_facts(Taking *taking, LiveSession *session) {
    Inventory *inventory = taking->inventory;
    PGresult *result;
    TRY(live_query_run(
        taking->arena, session,
        "SELECT (extract(epoch FROM now()) * 1000000)::int8, current_database(), current_setting('server_encoding'),"
        " pg_is_in_recovery(), current_setting('block_size'), current_setting('TimeZone')",
        "asking who the server is", &result));
    inventory->taken_at = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    inventory->database = arena_strdup(taking->arena, PQgetvalue(result, 0, 1));
    inventory->encoding = arena_strdup(taking->arena, PQgetvalue(result, 0, 2));
    session->recovery = PQgetvalue(result, 0, 3)[0] == 't';
    text_to_u64(text_of(PQgetvalue(result, 0, 4)), &session->block_size);
    inventory->time_zone = arena_strdup(taking->arena, PQgetvalue(result, 0, 5));
    const char *version = PQparameterStatus(session->connection, "server_version");
    inventory->server_version = arena_strdup(taking->arena, version == NULL ? "" : version);
    inventory->server_major = session->version / 10000;
    return NULL;
}

/* Something a role may not be allowed, or a server not able, to answer: nothing depends on it. */
static Err *try_value(Taking *taking, LiveSession *session, const char *question, const char **out) {
    PGresult *result;
    const char *sql = arena_printf(taking->arena, "SAVEPOINT lifeboat; %s", question);
    Err *err = live_query_run(taking->arena, session, sql, "asking who the server is", &result);
    if (err != NULL && (err->kind == ERR_INTERRUPTED || PQstatus(session->connection) != CONNECTION_OK))
        return err;
    *out = err == NULL && PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "";
    return live_query_run(taking->arena, session, "ROLLBACK TO lifeboat; RELEASE lifeboat", "asking who the server is",
                          NULL);
}

/* The snapshot must be imported before anything is asked. */
static const char *import_sql(Taking *taking, const LiveSession *session) {
    const char *snapshot = taking->request->snapshot;
    if (snapshot == NULL)
        return "";
    char *name = PQescapeLiteral(session->connection, snapshot, strlen(snapshot));
    const char *sql = arena_printf(taking->arena, "SET TRANSACTION SNAPSHOT %s;", name == NULL ? "''" : name);
    PQfreemem(name);
    return sql;
}

static Err *open_first(Taking *taking) {
    LiveSession *session = &taking->sessions[0];
    TRY(live_session_open(taking->arena, taking->request, session));
    TRY(live_pooler_refuse(taking->arena, taking->request, session));
    const char *sql = arena_printf(taking->arena, "%s%s%s", begin_sql, import_sql(taking, session),
                                   live_session_pins(taking->arena, session, taking->request, true));
    TRY(live_query_run(taking->arena, session, sql, "beginning the snapshot", NULL));
    TRY(read_facts(taking, session));
    taking->session_count = 1;
    return try_value(taking, session, "SELECT system_identifier FROM pg_control_system()",
                     &taking->inventory->system_identifier);
}

/* ---- the others ---- */

static Err *open_one_more(Taking *taking, const char *snapshot) {
    LiveSession *session = &taking->sessions[taking->session_count];
    TRY(live_session_open(taking->arena, taking->request, session));
    char *name = PQescapeLiteral(session->connection, snapshot, strlen(snapshot));
    const char *sql =
        arena_printf(taking->arena, "%sSET TRANSACTION SNAPSHOT %s;%s", begin_sql, name == NULL ? "''" : name,
                     live_session_pins(taking->arena, session, taking->request, true));
    PQfreemem(name);
    int64_t patience = session->patience;
    session->patience = JOIN_PATIENCE;
    TRY(live_query_run(taking->arena, session, sql, "sharing the snapshot", NULL));
    session->patience = patience;
    session->recovery = taking->sessions[0].recovery;
    session->block_size = taking->sessions[0].block_size;
    taking->session_count++;
    return NULL;
}

/* A server without connections to spare, or one of several behind one name, only makes it slower. */
static Err *open_more(Taking *taking) {
    int wanted = taking->request->jobs;
    if ((size_t)wanted > taking->chosen_count)
        wanted = (int)taking->chosen_count;
    if (wanted <= 1)
        return NULL;
    PGresult *result;
    Err *err = live_query_run(taking->arena, &taking->sessions[0], "SELECT pg_export_snapshot()",
                              "exporting the snapshot", &result);
    if (err != NULL)
        return err;
    while (taking->session_count < wanted) {
        Err *enough = open_one_more(taking, PQgetvalue(result, 0, 0));
        if (enough != NULL && enough->kind == ERR_INTERRUPTED)
            return enough;
        if (enough != NULL) {
            log_debug("counting with fewer connections", "reason", err_text(taking->arena, enough), NULL);
            return NULL;
        }
    }
    return NULL;
}

/* ---- which tables, and counting them ---- */

/* Marks, by position, the tables that the request names; NULL when it names none and means all. */
static const bool *wanted_tables(Taking *taking) {
    const Inventory *inventory = taking->inventory;
    if (taking->request->only == NULL)
        return NULL;
    bool *wanted = ARENA_ARRAY(taking->arena, bool, inventory->tables.count + 1), ambiguous;
    for (const char *const *name = taking->request->only; *name != NULL; name++) {
        const InventoryTable *table = inventory_resolve_table(inventory, *name, &ambiguous);
        if (table != NULL)
            wanted[table - inventory->tables.items] = true;
    }
    return wanted;
}

static int order_largest_first(const void *a, const void *b) {
    const LiveTable *left = *(const LiveTable *const *)a, *right = *(const LiveTable *const *)b;
    if (left->pages != right->pages)
        return left->pages > right->pages ? -1 : 1;
    return left->position < right->position ? -1 : left->position > right->position;
}

static void choose(Taking *taking) {
    Inventory *inventory = taking->inventory;
    const bool *wanted = wanted_tables(taking);
    taking->chosen = ARENA_ARRAY(taking->arena, const LiveTable *, taking->tables.count);
    LIST_EACH (LiveTable, table, taking->tables) {
        const InventoryTable *found = inventory_find_table(inventory, "", table->schema, table->name);
        table->position = (size_t)(found - inventory->tables.items);
        if (table->refused != NULL || found->kind == 'p') {
            if (taking->request->digests)
                inventory->tables.items[table->position].undigested_why = table->refused;
        } else if (wanted == NULL || wanted[table->position]) {
            taking->chosen[taking->chosen_count++] = table;
        }
    }
    if (taking->chosen_count > 1)
        qsort(taking->chosen, taking->chosen_count, sizeof(const LiveTable *), order_largest_first);
}

static Err *count_one(ThreadWorker *worker, size_t item, void *context) {
    Taking *taking = context;
    const LiveTable *table = taking->chosen[item];
    InventoryTable *out = &taking->inventory->tables.items[table->position];
    TRY(live_count(worker->arena, &taking->sessions[worker->number], taking->request, table, out));
    uint64_t done = atomic_fetch_add(&taking->done, 1) + 1;
    if (taking->request->progress != NULL)
        taking->request->progress(taking->request->context, done, taking->chosen_count);
    return NULL;
}

/* After everything was read: was the session that holds the snapshot alive to the end? */
static Err *finish(Taking *taking) {
    return live_query_run(taking->arena, &taking->sessions[0], "ROLLBACK", "ending the snapshot", NULL);
}

static Err *take(Taking *taking) {
    LiveSession *session = &taking->sessions[0];
    TRY(open_first(taking));
    TRY(live_catalog_tables(session, taking->inventory, &taking->tables));
    TRY(live_objects(session, taking->inventory));
    TRY(live_sequences(session, taking->inventory));
    TRY(live_blobs(session, taking->request->digests, taking->inventory));
    if (taking->request->traits)
        TRY(live_traits(session, taking->inventory));
    inventory_seal(taking->inventory);
    choose(taking);
    TRY(open_more(taking));
    TRY(thread_run(taking->arena, taking->session_count, taking->chosen_count, count_one, taking));
    return finish(taking);
}

Err *live_inventory(Arena *arena, const LiveRequest *request, Inventory **out) {
    Taking taking = {.arena = arena, .request = request};
    taking.inventory = inventory_new(arena, INVENTORY_LIVE, live_label(arena, request->conninfo));
    taking.sessions = ARENA_ARRAY(arena, LiveSession, request->jobs < 1 ? 1 : (size_t)request->jobs);
    TRY(take(&taking));
    *out = taking.inventory;
    return NULL;
}
