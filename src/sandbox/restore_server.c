/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/text.h"
#include "pg/identifier.h"
#include "sandbox/restore_parts.h"
#include "sandbox/service.h"

Err *restore_server_connect(Restoring *restoring, const char *database, Query **out) {
    const char *conninfo = NULL;
    TRY(service_conninfo(restoring->arena, restoring->request->conninfo, database, &conninfo));
    return query_connect(restoring->arena, conninfo, restoring->ends, out);
}

Err *restore_server_create(Restoring *restoring, const char *database, const char *encoding) {
    Arena *arena = restoring->arena;
    Query *query = NULL;
    PGresult *done = NULL;
    TRY(restore_server_connect(restoring, NULL, &query));
    const char *known = encoding != NULL && encoding[0] != '\0' ? encoding : "UTF8";
    char *literal = PQescapeLiteral(query->connection, known, strlen(known));
    const char *sql =
        arena_printf(arena, "CREATE DATABASE %s TEMPLATE template0 ENCODING %s LC_COLLATE 'C' LC_CTYPE 'C'",
                     identifier_always_quote(arena, database), literal == NULL ? "'UTF8'" : literal);
    PQfreemem(literal);
    Err *err = query_run(arena, query, sql, NULL, &done);
    return err == NULL ? NULL : err_wrap(arena, err, "cannot create the database %s", text_safe(arena, database));
}
