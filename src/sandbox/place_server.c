/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/uuid.h"
#include "inventory/live.h"
#include "pg/identifier.h"
#include "sandbox/place.h"
#include "sandbox/platform.h"
#include "sandbox/query.h"
#include "sandbox/service.h"

#define NAME_PREFIX "lifeboat_sandbox_"
#define MARKER "lifeboat sandbox"

typedef struct Staging {
    Arena *arena;        /* of the session below */
    Query *owner;        /* stays in the database: it says that somebody needs it */
    const char *name;    /* of the database, NULL until it is made */
    InventoryNames made; /* roles */
} Staging;

/* Cleaning up happens after Ctrl-C too: these statements do not look at the flag. False when refused. */
static bool say(PGconn *connection, const char *sql) {
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static const char *literal(Arena *arena, PGconn *connection, const char *value) {
    char *escaped = PQescapeLiteral(connection, value, strlen(value));
    const char *copy = escaped == NULL ? "''" : arena_strdup(arena, escaped);
    PQfreemem(escaped);
    return copy;
}

/* ---- what earlier runs left ---- */

static const char orphans[] =
    "SELECT d.datname FROM pg_catalog.pg_database d WHERE d.datname LIKE 'lifeboat\\_sandbox\\_%' AND "
    "pg_catalog.shobj_description(d.oid, 'pg_database') LIKE '" MARKER "%' AND NOT EXISTS (SELECT FROM "
    "pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)";

static const char orphaned_roles[] =
    "SELECT r.rolname FROM pg_catalog.pg_roles r WHERE pg_catalog.shobj_description(r.oid, 'pg_authid') LIKE '" MARKER
    " role of %' AND NOT EXISTS (SELECT FROM pg_catalog.pg_database d WHERE pg_catalog.shobj_description(r.oid, "
    "'pg_authid') = '" MARKER " role of ' || d.datname)";

/* One that cannot be dropped is in use after all, or somebody else was faster. */
static Err *sweep(Arena *arena, Query *query, const char *list, const char *statement) {
    PGresult *rows = NULL, *done = NULL;
    TRY(query_run(arena, query, list, NULL, &rows));
    for (int row = 0; row < PQntuples(rows); row++) {
        const char *name = PQgetvalue(rows, row, 0);
        TRY(query_try(arena, query, arena_printf(arena, "%s %s", statement, identifier_always_quote(arena, name)), NULL,
                      &done));
        if (query_succeeded(done))
            log_info("removed what a run that was killed left on the staging server", "name", name, NULL);
    }
    return NULL;
}

/* ---- whether it may be used ---- */

static Err *refuse_source(Arena *arena, const PlaceRequest *request, const char *identifier) {
    if (!request->source_asked)
        return NULL;
    const char *hint = "give another server in staging, or use sandbox = local";
    if (identifier[0] == '\0' || request->source[0] == '\0')
        return err_hint(
            arena,
            err_new(arena, ERR_PERMISSION,
                    "it cannot be told whether the staging server is the source itself: %s does not tell its "
                    "system identifier",
                    identifier[0] == '\0' ? "it" : "the source"),
            "%s", hint);
    if (strcmp(identifier, request->source) == 0)
        return err_hint(arena,
                        err_new(arena, ERR_PERMISSION,
                                "the staging server is the source itself (system identifier %s); nothing was touched",
                                text_safe(arena, identifier)),
                        "%s", hint);
    return NULL;
}

static Err *look(Arena *arena, const PlaceRequest *request, Place *place) {
    PGconn *connection = NULL;
    PGresult *result = NULL;
    TRY(live_connect(arena, request->staging, &connection));
    TRY(live_query(arena, connection,
                   "SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000, "
                   "pg_is_in_recovery(), rolsuper, current_user, (SELECT system_identifier FROM pg_control_system()) "
                   "FROM pg_catalog.pg_roles WHERE rolname = current_user",
                   NULL, &result));
    uint64_t major = 0;
    const char *label = live_label(arena, request->staging);
    if (PQntuples(result) != 1)
        return err_new(arena, ERR_SERVER, "%s does not tell who we are", label);
    text_to_u64(text_of(PQgetvalue(result, 0, 1)), &major);
    place->server_version = arena_strdup(arena, PQgetvalue(result, 0, 0));
    TRY(refuse_source(arena, request, PQgetvalue(result, 0, 5)));
    if (PQgetvalue(result, 0, 2)[0] == 't')
        return err_new(arena, ERR_UNSUPPORTED, "the staging server is a standby, which cannot be written");
    if (PQgetvalue(result, 0, 3)[0] != 't')
        return err_hint(arena,
                        err_new(arena, ERR_PERMISSION, "the role %s is no superuser of the staging server",
                                text_safe(arena, PQgetvalue(result, 0, 4))),
                        "without one, ownership and extensions fail for reasons that are no fault of the backup: "
                        "connect as a superuser, or use sandbox = local");
    if ((int)major < request->local.least_major)
        return err_hint(arena,
                        err_new(arena, ERR_UNSUPPORTED, "the staging server is PostgreSQL %d, the backup needs %d",
                                (int)major, request->local.least_major),
                        "give a newer server in staging, or use sandbox = local");
    return NULL;
}

/* ---- making it ---- */

static Err *make_database(Arena *arena, const PlaceRequest *request, Place *place, Query *query) {
    Staging *staging = place->state;
    PGresult *result = NULL;
    const char *id = uuid_new(arena), *conninfo = NULL;
    const char *encoding =
        request->backup->encoding == NULL || request->backup->encoding[0] == '\0' ? "UTF8" : request->backup->encoding;
    /* the random half of the identifier */
    const char *name = arena_printf(arena, NAME_PREFIX "%s", id + strlen(id) - 12);
    const char *quoted = identifier_always_quote(arena, name);
    TRY(query_run(arena, query,
                  arena_printf(arena, "CREATE DATABASE %s TEMPLATE template0 ENCODING %s LC_COLLATE 'C' LC_CTYPE 'C'",
                               quoted, literal(arena, query->connection, encoding)),
                  NULL, &result));
    staging->name = place->database = name;
    TRY(service_conninfo(arena, request->staging, name, &conninfo));
    TRY(query_connect(staging->arena, conninfo, 0, &staging->owner)); /* before the comment: then nobody sweeps it */
    char host[256] = "";
    gethostname(host, sizeof(host) - 1);
    const char *comment =
        arena_printf(arena, MARKER " of process %ld on %s: dropped when it is done", (long)getpid(), host);
    return query_run(
        arena, query,
        arena_printf(arena, "COMMENT ON DATABASE %s IS %s", quoted, literal(arena, query->connection, comment)), NULL,
        &result);
}

/* Roles belong to the whole server: those that are made are marked, and go with the database. */
static Err *make_roles(Arena *arena, const PlaceRequest *request, Place *place, Query *query) {
    Staging *staging = place->state;
    const Inventory *inventory = request->backup->inventory;
    LIST_EACH (const InventoryRole, role, inventory->roles) {
        PGresult *result = NULL;
        if (strncmp(role->name, "pg_", 3) == 0 || strcmp(role->name, "public") == 0)
            continue;
        TRY(query_run(arena, query, "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1",
                      (const char *const[]){role->name, NULL}, &result));
        if (PQntuples(result) > 0)
            continue;
        const char *quoted = identifier_always_quote(arena, role->name);
        const char *comment = arena_printf(arena, MARKER " role of %s", staging->name);
        TRY(query_run(
            arena, query,
            arena_printf(arena, "CREATE ROLE %s NOLOGIN %s", quoted, platform_attributes(inventory, role->name)), NULL,
            &result));
        *LIST_PUSH(arena, staging->made) = role->name;
        TRY(query_run(
            arena, query,
            arena_printf(arena, "COMMENT ON ROLE %s IS %s", quoted, literal(arena, query->connection, comment)), NULL,
            &result));
    }
    return NULL;
}

/* ---- taking it down ---- */

static bool drop_database(Arena *arena, PGconn *connection, const char *name) {
    const char *end = arena_printf(arena,
                                   "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE "
                                   "datname = %s AND pid <> pg_backend_pid()",
                                   literal(arena, connection, name));
    const char *drop = arena_printf(arena, "DROP DATABASE IF EXISTS %s", identifier_always_quote(arena, name));
    for (int attempt = 0; attempt < 150; attempt++) {
        say(connection, end); /* sessions in a database of ours are ours */
        if (say(connection, drop))
            return true;
        if (PQstatus(connection) != CONNECTION_OK)
            PQreset(connection);
        usleep(100 * 1000);
    }
    return false;
}

static Err *close_staging(Place *place) {
    Staging *staging = place->state;
    Arena *arena = place->arena;
    if (staging->arena != NULL)
        arena_free(staging->arena); /* the session that keeps the database */
    staging->arena = NULL;
    if (staging->name == NULL)
        return NULL;
    PGconn *connection = PQconnectdb(place->conninfo);
    bool dropped = PQstatus(connection) == CONNECTION_OK && drop_database(arena, connection, staging->name);
    LIST_EACH (const char *const, role, staging->made) {
        if (dropped)
            say(connection, arena_printf(arena, "DROP ROLE IF EXISTS %s", identifier_always_quote(arena, *role)));
    }
    PQfinish(connection);
    const char *name = staging->name;
    staging->name = NULL;
    if (dropped)
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_SERVER, "the database %s on the staging server could not be dropped", name),
                    "DROP DATABASE %s; or let the next verification do it", name);
}

Err *place_server_make(Arena *arena, const PlaceRequest *request, Place *place) {
    if (request->staging == NULL)
        return err_hint(arena, err_new(arena, ERR_CONFIG, "sandbox = server needs staging: which server?"),
                        "staging = service=NAME, or a connection string of a superuser");
    if (request->backup->several_databases)
        return err_hint(arena,
                        err_new(arena, ERR_UNSUPPORTED,
                                "a backup of several databases is not restored on a staging "
                                "server: it creates roles and databases there"),
                        "sandbox = local");
    Query *query = NULL;
    Staging *staging = ARENA_NEW(arena, Staging);
    TRY(tools_client(arena, request->local.bindir, request->backup->dump_major, &place->tools));
    TRY(look(arena, request, place));
    staging->arena = arena_child(arena);
    place->state = staging;
    place->close = close_staging;
    place->conninfo = request->staging;
    place->confined = true;
    place->confinement = arena_printf(arena,
                                      "a database of its own on the staging server (%s), not confined: what "
                                      "reaches out is refused statement by statement",
                                      live_label(arena, request->staging));
    TRY(query_connect(arena, request->staging, 0, &query));
    TRY(sweep(arena, query, orphans, "DROP DATABASE"));
    TRY(sweep(arena, query, orphaned_roles, "DROP ROLE"));
    TRY(make_database(arena, request, place, query));
    return make_roles(arena, request, place, query);
}
