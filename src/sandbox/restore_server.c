/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "pg/identifier.h"
#include "sandbox/restore_parts.h"

static Err *parse(Restoring *restoring, PQconninfoOption **out) {
    char *words = NULL;
    *out = PQconninfoParse(restoring->request->conninfo, &words);
    PQfreemem(words); /* it may repeat a password */
    if (*out == NULL)
        return err_new(restoring->arena, ERR_USAGE, "the target's connection string cannot be read");
    return NULL;
}

static void append_quoted(Buf *buf, const char *keyword, const char *value) {
    buf_printf(buf, "%s%s='", buf->length == 0 ? "" : " ", keyword);
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            buf_byte(buf, '\\');
        buf_byte(buf, *value);
    }
    buf_byte(buf, '\'');
}

const char *restore_server_conninfo(Restoring *restoring, const char *database) {
    PQconninfoOption *options = NULL;
    if (parse(restoring, &options) != NULL)
        return restoring->request->conninfo; /* connecting says what is wrong with it */
    Buf *buf = buf_new(restoring->arena, 65536);
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (option->val != NULL && strcmp(option->keyword, "dbname") != 0)
            append_quoted(buf, option->keyword, option->val);
    append_quoted(buf, "dbname", database);
    PQconninfoFree(options);
    return buf->at;
}

Err *restore_server_connect(Restoring *restoring, const char *database, Query **out) {
    return query_connect(restoring->arena, restore_server_conninfo(restoring, database), restoring->ends, out);
}

Err *restore_server_create(Restoring *restoring, const char *database, const char *encoding) {
    Arena *arena = restoring->arena;
    Query *query = NULL;
    PQconninfoOption *options = NULL;
    PGresult *done = NULL;
    TRY(parse(restoring, &options));
    const char *maintenance = "postgres";
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (strcmp(option->keyword, "dbname") == 0 && option->val != NULL)
            maintenance = arena_strdup(arena, option->val);
    PQconninfoFree(options);
    TRY(restore_server_connect(restoring, maintenance, &query));
    const char *known = encoding != NULL && encoding[0] != '\0' ? encoding : "UTF8";
    char *literal = PQescapeLiteral(query->connection, known, strlen(known));
    const char *sql =
        arena_printf(arena, "CREATE DATABASE %s TEMPLATE template0 ENCODING %s LC_COLLATE 'C' LC_CTYPE 'C'",
                     identifier_always_quote(arena, database), literal == NULL ? "'UTF8'" : literal);
    PQfreemem(literal);
    Err *err = query_run(arena, query, sql, NULL, &done);
    return err == NULL ? NULL : err_wrap(arena, err, "cannot create the database %s", text_safe(arena, database));
}

Err *restore_server_service(Restoring *restoring, const char *database, const char **environment) {
    Arena *arena = restoring->arena;
    PQconninfoOption *options = NULL;
    TRY(parse(restoring, &options));
    Buf *buf = buf_new(arena, 65536);
    buf_string(buf, "[lifeboat]\n");
    bool broken = strchr(database, '\n') != NULL;
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
        if (option->val == NULL || strcmp(option->keyword, "dbname") == 0 || strcmp(option->keyword, "service") == 0)
            continue;
        broken = broken || strchr(option->val, '\n') != NULL;
        buf_printf(buf, "%s=%s\n", option->keyword, option->val);
    }
    buf_printf(buf, "dbname=%s\n", database);
    PQconninfoFree(options);
    if (broken || buf->full)
        return err_new(arena, ERR_UNSUPPORTED, "the database name %s cannot be given to pg_restore",
                       text_quote(arena, text_of(database), 100));
    const char *path = file_join(arena, restoring->workspace, "service.conf");
    TRY(file_write_atomic(arena, path, buf_view(buf), 0600));
    *environment = arena_printf(arena, "PGSERVICEFILE=%s", path);
    return NULL;
}
