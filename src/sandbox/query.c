/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/query.h"

#include <poll.h>

#include "base/interrupt.h"
#include "base/text.h"
#include "base/time.h"
#include "inventory/live.h"

static void finish(void *what) {
    PQfinish(what);
}

static void clear(void *what) {
    PQclear(what);
}

/* Notices ("schema exists, skipping") say nothing that the result does not; libpq would print them. */
static void ignore_notice(void *context, const char *message) {
    (void)context;
    (void)message;
}

static const char *words(Arena *arena, const PGconn *connection) {
    return text_quote(arena, text_trim(text_of(PQerrorMessage(connection))), 300);
}

Err *query_connect(Arena *arena, const char *conninfo, int64_t ends, Query **out) {
    PGconn *connection = PQconnectdb(conninfo);
    if (connection == NULL)
        return err_new(arena, ERR_LIMIT, "no memory for a connection");
    arena_defer(arena, finish, connection);
    if (PQstatus(connection) != CONNECTION_OK)
        return err_new(arena, ERR_CONNECT, "cannot connect to %s: %s", live_label(arena, conninfo),
                       words(arena, connection));
    PQsetNoticeProcessor(connection, ignore_notice, NULL);
    Query *query = ARENA_NEW(arena, Query);
    *query = (Query){.connection = connection, .ends = ends};
    *out = query;
    return NULL;
}

/* After it the connection can be used again, if the server answers soon. */
static void cancel(PGconn *connection) {
    char answer[256];
    PGcancel *request = PQgetCancel(connection);
    if (request != NULL)
        PQcancel(request, answer, sizeof(answer));
    PQfreeCancel(request);
    int64_t patience = time_monotonic() + 2 * TIME_SECOND;
    while (time_monotonic() < patience) {
        struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};
        if (!PQisBusy(connection)) {
            PGresult *result = PQgetResult(connection);
            if (result == NULL)
                return;
            PQclear(result);
            continue;
        }
        poll(&socket, 1, 50);
        if (!PQconsumeInput(connection))
            return;
    }
}

/* Waits until the answer can be read; cancels the statement when time is up or the user asked to stop. */
static Err *await(Arena *arena, Query *query) {
    while (PQisBusy(query->connection)) {
        struct pollfd socket = {.fd = PQsocket(query->connection), .events = POLLIN};
        poll(&socket, 1, 50);
        Err *err = interrupt_check(arena);
        if (err == NULL && query->ends != 0 && time_monotonic() >= query->ends)
            err = err_hint(arena, err_new(arena, ERR_TIMEOUT, "a statement did not finish before the deadline"),
                           "give it more time with --deadline, or find out what is slow");
        if (err != NULL) {
            cancel(query->connection);
            return err;
        }
        if (!PQconsumeInput(query->connection))
            return err_new(arena, ERR_CONNECT, "the server closed the connection: %s", words(arena, query->connection));
    }
    return NULL;
}

static int count(const char *const *parameters) {
    int number = 0;
    while (parameters != NULL && parameters[number] != NULL)
        number++;
    return number;
}

Err *query_try(Arena *arena, Query *query, const char *sql, const char *const *parameters, PGresult **out) {
    *out = NULL;
    PGconn *connection = query->connection;
    int sent = parameters == NULL
                   ? PQsendQuery(connection, sql)
                   : PQsendQueryParams(connection, sql, count(parameters), NULL, parameters, NULL, NULL, 0);
    if (!sent)
        return err_new(arena, ERR_CONNECT, "the connection to the server is gone: %s", words(arena, connection));
    for (;;) {
        TRY(await(arena, query));
        PGresult *result = PQgetResult(connection);
        if (result == NULL)
            break;
        if (*out != NULL)
            PQclear(*out);
        *out = result;
        if (PQresultStatus(result) == PGRES_COPY_IN)
            break; /* the caller sends rows and asks for the end */
    }
    if (*out == NULL)
        return err_new(arena, ERR_CONNECT, "the server gave no answer");
    arena_defer(arena, clear, *out);
    return NULL;
}

bool query_succeeded(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN ||
           status == PGRES_EMPTY_QUERY;
}

const char *query_message(const PGresult *result) {
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return primary != NULL ? primary : PQresultErrorMessage(result);
}

Err *query_run(Arena *arena, Query *query, const char *sql, const char *const *parameters, PGresult **out) {
    TRY(query_try(arena, query, sql, parameters, out));
    if (query_succeeded(*out))
        return NULL;
    return err_new(arena, ERR_SERVER, "%s", text_quote(arena, text_of(query_message(*out)), 400));
}
