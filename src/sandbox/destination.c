/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/destination.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "base/time.h"
#include "inventory/live.h"
#include "pg/identifier.h"
#include "sandbox/origin.h"
#include "sandbox/platform.h"
#include "sandbox/service.h"

/* NAMEDATALEN - 1: the server would cut a longer name, and then it is another one. */
enum { NAME_LENGTH = 63 };

/* What people have made in this database: not PostgreSQL's own, not an extension's, not the empty schema public. */
static const char contents[] =
    "WITH member AS (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'), "
    "space AS (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> "
    "'information_schema'), "
    "own AS ("
    "SELECT 1 AS rank, c.oid::pg_catalog.regclass::text AS what FROM pg_catalog.pg_class c JOIN space ON space.oid = "
    "c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (SELECT FROM member WHERE classid "
    "= 'pg_catalog.pg_class'::regclass AND objid = c.oid) "
    "UNION ALL SELECT 2, p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc p JOIN space ON space.oid = "
    "p.pronamespace WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_catalog.pg_proc'::regclass AND objid = "
    "p.oid) "
    "UNION ALL SELECT 3, 'type ' || t.oid::pg_catalog.regtype::text FROM pg_catalog.pg_type t JOIN space ON space.oid "
    "= t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND NOT EXISTS (SELECT FROM member WHERE classid = "
    "'pg_catalog.pg_type'::regclass AND objid = t.oid) "
    "UNION ALL SELECT 4, 'schema ' || nspname FROM space WHERE nspname <> 'public' AND NOT EXISTS (SELECT FROM member "
    "WHERE classid = 'pg_catalog.pg_namespace'::regclass AND objid = space.oid) "
    "UNION ALL SELECT 5, 'large object ' || oid FROM pg_catalog.pg_largeobject_metadata) "
    "SELECT count(*), (SELECT what FROM own ORDER BY rank, what LIMIT 1) FROM own";

static const char facts[] =
    "SELECT current_database(), current_user, current_setting('server_version'), "
    "current_setting('server_version_num')::int / 10000, pg_is_in_recovery(), r.rolsuper, r.rolsuper OR r.rolcreatedb, "
    "r.rolsuper OR r.rolcreaterole, pg_database_size(current_database()), "
    "has_database_privilege(current_database(), 'CREATE') FROM pg_catalog.pg_roles r WHERE r.rolname = current_user";

static bool yes(const PGresult *result, int column) {
    return PQgetvalue(result, 0, column)[0] == 't';
}

static const char *copied(Arena *arena, const PGresult *result, int row, int column) {
    return arena_strdup(arena, PQgetvalue(result, row, column));
}

static Err *look_at_contents(Arena *arena, PGconn *connection, Destination *out) {
    PGresult *result = NULL;
    TRY(live_query(arena, connection, contents, NULL, &result));
    text_to_u64(text_of(PQgetvalue(result, 0, 0)), &out->objects);
    out->example = text_safe(arena, PQgetvalue(result, 0, 1));
    return NULL;
}

static bool in_column(const PGresult *result, const char *name) {
    for (int row = 0; row < PQntuples(result); row++)
        if (strcmp(PQgetvalue(result, row, 0), name) == 0)
            return true;
    return false;
}

Err *destination_look_for_missing(Arena *arena, const Inventory *inventory, Destination *out) {
    PGconn *connection = NULL;
    PGresult *result = NULL;
    TRY(live_connect(arena, out->conninfo, &connection));
    TRY(live_query(arena, connection, "SELECT rolname FROM pg_catalog.pg_roles", NULL, &result));
    LIST_EACH (const InventoryRole, role, inventory->roles) {
        if (strncmp(role->name, "pg_", 3) != 0 && strcmp(role->name, "public") != 0 && !in_column(result, role->name))
            *LIST_PUSH(arena, out->missing_roles) = role->name;
    }
    TRY(live_query(arena, connection, "SELECT name FROM pg_catalog.pg_available_extensions", NULL, &result));
    LIST_EACH (const InventoryExtension, extension, inventory->extensions) {
        if (!in_column(result, extension->name))
            *LIST_PUSH(arena, out->missing_extensions) = extension->name;
    }
    return NULL;
}

static Err *database_exists(Arena *arena, PGconn *connection, const char *name, bool *out) {
    PGresult *result = NULL;
    TRY(live_query(arena, connection, "SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1",
                   (const char *const[]){name, NULL}, &result));
    *out = PQntuples(result) > 0;
    return NULL;
}

static Err *look_for_name(Arena *arena, PGconn *connection, Destination *out) {
    bool taken = false, half = false;
    const char *shown = text_quote(arena, text_of(out->create), 80);
    if (out->create[0] == '\0' || strlen(out->create) + strlen(DESTINATION_SUFFIX) > NAME_LENGTH)
        return err_new(arena, ERR_USAGE, "%s cannot be the name of a new database: 1 to %d bytes", shown,
                       NAME_LENGTH - (int)strlen(DESTINATION_SUFFIX));
    out->database = out->create;
    out->working = arena_printf(arena, "%s" DESTINATION_SUFFIX, out->create);
    TRY(database_exists(arena, connection, out->database, &taken));
    if (taken)
        return err_hint(arena, err_new(arena, ERR_USAGE, "there is a database %s already; it was not touched", shown),
                        "choose another name, or restore into it with --into (it must be empty)");
    TRY(database_exists(arena, connection, out->working, &half));
    if (!half)
        return NULL;
    const char *name = text_safe(arena, identifier_always_quote(arena, out->working));
    return err_hint(
        arena, err_new(arena, ERR_USAGE, "the database %s of an earlier restore that did not end is still there", name),
        "if nobody needs it: DROP DATABASE %s; then start again, or choose another name", name);
}

static Err *judge_rights(Arena *arena, const PGresult *result, Destination *out) {
    const char *user = text_safe(arena, out->user);
    if (yes(result, 4))
        return err_hint(arena, err_new(arena, ERR_UNSUPPORTED, "%s is a standby, which cannot be written", out->label),
                        "connect to its primary");
    if (out->create != NULL && !yes(result, 6))
        return err_hint(arena, err_new(arena, ERR_PERMISSION, "the role %s may not create databases", user),
                        "ALTER ROLE %s CREATEDB, or restore into an empty database that is there: --into",
                        text_safe(arena, identifier_quote(arena, out->user)));
    if (out->create == NULL && !yes(result, 9))
        return err_hint(arena,
                        err_new(arena, ERR_PERMISSION, "the role %s may not create anything in %s", user, out->label),
                        "connect as the owner of the database, or GRANT CREATE ON DATABASE %s TO %s",
                        text_safe(arena, identifier_quote(arena, out->database)),
                        text_safe(arena, identifier_quote(arena, out->user)));
    return NULL;
}

Err *destination_look(Arena *arena, const DestinationSpec *spec, Destination *out) {
    PGconn *connection = NULL;
    PGresult *result = NULL;
    *out = (Destination){.conninfo = spec->conninfo == NULL ? "" : spec->conninfo,
                         .create = spec->create,
                         .label = live_label(arena, spec->conninfo),
                         .system_identifier = "",
                         .example = ""};
    TRY(live_connect(arena, spec->conninfo, &connection));
    TRY(live_query(arena, connection, facts, NULL, &result));
    if (PQntuples(result) != 1)
        return err_new(arena, ERR_SERVER, "%s does not tell who we are", out->label);
    uint64_t major = 0;
    out->database = out->working = copied(arena, result, 0, 0);
    out->user = copied(arena, result, 0, 1);
    out->server_version = copied(arena, result, 0, 2);
    text_to_u64(text_of(PQgetvalue(result, 0, 3)), &major);
    out->server_major = (int)major;
    out->superuser = yes(result, 5);
    out->may_create_roles = yes(result, 7);
    text_to_u64(text_of(PQgetvalue(result, 0, 8)), &out->size);
    TRY(judge_rights(arena, result, out));
    /* Somebody without the right to ask is not told; the caller says so. */
    if (live_query(arena, connection, "SELECT system_identifier FROM pg_catalog.pg_control_system()", NULL, &result) ==
            NULL &&
        PQntuples(result) == 1)
        out->system_identifier = copied(arena, result, 0, 0);
    if (spec->create != NULL) {
        out->size = 0;
        return look_for_name(arena, connection, out);
    }
    return look_at_contents(arena, connection, out);
}

/* ---- making it ---- */

Err *destination_conninfo(Arena *arena, const Destination *destination, const char *database, const char **out) {
    return service_conninfo(arena, destination->conninfo, database, out);
}

static Err *maintenance(Arena *arena, const Destination *destination, Query **out) {
    return query_connect(arena, destination->conninfo, 0, out);
}

static const char *literal(Arena *arena, const Query *query, const char *value) {
    char *escaped = PQescapeLiteral(query->connection, value, strlen(value));
    const char *copy = escaped == NULL ? "''" : arena_strdup(arena, escaped);
    PQfreemem(escaped);
    return copy;
}

static const char *create_statement(Arena *arena, const Query *query, const Destination *destination,
                                    const char *encoding, const Origin *origin) {
    const char *sql = arena_printf(arena, "CREATE DATABASE %s TEMPLATE template0 ENCODING %s",
                                   identifier_always_quote(arena, destination->working),
                                   literal(arena, query, encoding[0] == '\0' ? "UTF8" : encoding));
    for (size_t at = 0; origin != NULL && at < origin->locale.count; at++)
        sql = arena_printf(arena, "%s %s %s", sql, origin->locale.items[at].name,
                           literal(arena, query, origin->locale.items[at].value));
    return sql;
}

static Err *mark(Arena *arena, Query *query, const Destination *destination, const Backup *backup) {
    PGresult *result = NULL;
    const char *comment = arena_printf(arena, "lifeboat restore of %s, begun %s and not finished",
                                       text_safe(arena, backup->id), time_text(arena, time_real()));
    return query_run(arena, query,
                     arena_printf(arena, "COMMENT ON DATABASE %s IS %s",
                                  identifier_always_quote(arena, destination->working), literal(arena, query, comment)),
                     NULL, &result);
}

Err *destination_create(Arena *arena, const Destination *destination, const Backup *backup, const char **note) {
    Query *query = NULL;
    PGresult *result = NULL;
    Origin origin;
    *note = "";
    if (destination->create == NULL)
        return NULL;
    TRY(origin_read(arena, backup, &origin));
    TRY(maintenance(arena, destination, &query));
    const char *encoding = backup->encoding == NULL ? "" : backup->encoding;
    TRY(query_try(arena, query, create_statement(arena, query, destination, encoding, &origin), NULL, &result));
    if (!query_succeeded(result) && origin.locale.count > 0) {
        *note = arena_printf(arena,
                             "the server cannot make a database with the dump's locale (%s): it has the server's own, "
                             "so text may sort differently",
                             text_quote(arena, text_of(query_message(result)), 200));
        TRY(query_try(arena, query, create_statement(arena, query, destination, encoding, NULL), NULL, &result));
    }
    if (!query_succeeded(result))
        return err_new(arena, ERR_SERVER, "cannot create the database %s: %s", text_safe(arena, destination->working),
                       text_quote(arena, text_of(query_message(result)), 300));
    return mark(arena, query, destination, backup);
}

Err *destination_make_roles(Arena *arena, const Destination *destination, const Inventory *inventory,
                            InventoryNames *made) {
    *made = (InventoryNames){0};
    if (destination->missing_roles.count == 0 || !destination->may_create_roles)
        return NULL;
    Query *query = NULL;
    TRY(maintenance(arena, destination, &query));
    LIST_EACH (const char *const, role, destination->missing_roles) {
        PGresult *result = NULL;
        const char *attributes = destination->superuser ? platform_attributes(inventory, *role) : "";
        TRY(query_try(
            arena, query,
            arena_printf(arena, "CREATE ROLE %s NOLOGIN %s", identifier_always_quote(arena, *role), attributes), NULL,
            &result));
        if (query_succeeded(result)) /* one that could not be made shows in the errors of the restore */
            *LIST_PUSH(arena, *made) = *role;
    }
    return NULL;
}

/* Sessions that this process still holds, and whoever looked in meanwhile as the same role. */
static Err *end_own_sessions(Arena *arena, Query *query, const char *database) {
    PGresult *result = NULL;
    return query_run(arena, query,
                     "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1 "
                     "AND usename = current_user AND pid <> pg_backend_pid()",
                     (const char *const[]){database, NULL}, &result);
}

Err *destination_finish(Arena *arena, Destination *destination) {
    if (destination->create == NULL)
        return NULL;
    Query *query = NULL;
    PGresult *result = NULL;
    const char *name = identifier_always_quote(arena, destination->database);
    const char *sql = arena_printf(arena, "ALTER DATABASE %s RENAME TO %s",
                                   identifier_always_quote(arena, destination->working), name);
    TRY(maintenance(arena, destination, &query));
    for (int attempt = 0; attempt < 100; attempt++) {
        TRY(interrupt_check(arena));
        TRY(end_own_sessions(arena, query, destination->working));
        TRY(query_try(arena, query, sql, NULL, &result));
        if (query_succeeded(result)) {
            destination->working = destination->database;
            return query_run(arena, query, arena_printf(arena, "COMMENT ON DATABASE %s IS NULL", name), NULL, &result);
        }
        usleep(100 * 1000); /* a session takes a moment to end */
    }
    return err_hint(arena,
                    err_new(arena, ERR_SERVER, "the database %s is restored and could not be renamed: %s",
                            text_safe(arena, destination->working),
                            text_quote(arena, text_of(query_message(result)), 200)),
                    "%s;", text_safe(arena, sql));
}

static void put_pair(Buf *buf, const char *keyword, const char *value) {
    bool plain = value[0] != '\0' && value[strcspn(value, " '\"\\\\$`\t\n")] == '\0';
    buf_printf(buf, "%s%s=%s", buf->length == 0 ? "" : " ", keyword, plain ? "" : "'");
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\')
            buf_byte(buf, '\\');
        buf_byte(buf, *at);
    }
    buf_string(buf, plain ? "" : "'");
}

const char *destination_connect_text(Arena *arena, const Destination *destination, const char *database) {
    PQconninfoOption *options = NULL;
    Buf *buf = buf_new(arena, 65536);
    if (live_conninfo_parse(arena, destination->conninfo, &options) == NULL) {
        for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
            bool secret = option->dispchar != NULL && option->dispchar[0] == '*';
            if (!secret && strcmp(option->keyword, "dbname") != 0 && option->val != NULL && option->val[0] != '\0')
                put_pair(buf, option->keyword, option->val);
        }
    }
    put_pair(buf, "dbname", database);
    return text_safe(arena, buf->at);
}
