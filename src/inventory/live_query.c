/* SPDX-License-Identifier: PostgreSQL */
#include <poll.h>

#include "base/interrupt.h"
#include "inventory/live_parts.h"

#define GLANCE_MS 100 /* how long a wait may go without looking whether the user wants to stop */

static void clear(void *result) {
    PQclear(result);
}

/* Tells the server to stop working for nothing. It may be out of reach: the session is closed soon anyway. */
static void cancel(const LiveSession *session) {
    PGcancel *cancel = PQgetCancel(session->connection);
    char ignored[256];
    if (cancel != NULL)
        PQcancel(cancel, ignored, sizeof(ignored));
    PQfreeCancel(cancel);
}

Err *live_query_stop(Arena *arena, const LiveSession *session) {
    cancel(session);
    return err_new(arena, ERR_INTERRUPTED, "stopped on request");
}

/* One glance at the socket: reads what came. */
static Err *await(Arena *arena, const LiveSession *session, const char *what, int64_t deadline) {
    if (interrupt_requested())
        return live_query_stop(arena, session);
    if (time_monotonic() > deadline) {
        cancel(session);
        return err_hint(arena,
                        err_new(arena, ERR_TIMEOUT, "%s gave no answer for %s while %s", session->label,
                                time_length_text(arena, session->patience), what),
                        "the server hangs, or the network swallows its answers");
    }
    struct pollfd socket = {.fd = PQsocket(session->connection), .events = POLLIN};
    if (socket.fd < 0 || (poll(&socket, 1, GLANCE_MS) > 0 && !PQconsumeInput(session->connection)))
        return live_error_session(arena, session, NULL, what);
    return NULL;
}

Err *live_query_send(Arena *arena, LiveSession *session, const char *sql, const char *what) {
    if (!PQsendQuery(session->connection, sql))
        return live_error_session(arena, session, NULL, what);
    return NULL;
}

Err *live_query_next(Arena *arena, LiveSession *session, const char *what, PGresult **out) {
    int64_t deadline = time_monotonic() + session->patience;
    while (PQisBusy(session->connection))
        TRY(await(arena, session, what, deadline));
    *out = PQgetResult(session->connection);
    return NULL;
}

Err *live_query_row(Arena *arena, LiveSession *session, const char *what, char **row, int *length) {
    int64_t deadline = 0;
    while ((*length = PQgetCopyData(session->connection, row, 1)) == 0) {
        if (deadline == 0)
            deadline = time_monotonic() + session->patience;
        TRY(await(arena, session, what, deadline));
    }
    return *length == -2 ? live_error_session(arena, session, NULL, what) : NULL;
}

/* Collects the results of what was sent: the last one with rows (or the last of all), or the error of the first that
 * failed. */
static Err *collect(Arena *arena, LiveSession *session, const char *what, PGresult **out) {
    PGresult *kept = NULL, *result = NULL;
    for (;;) {
        TRY(live_query_next(arena, session, what, &result));
        if (result == NULL)
            break;
        arena_defer(arena, clear, result);
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
            return live_error_session(arena, session, result, what);
        if (status == PGRES_TUPLES_OK || kept == NULL || PQresultStatus(kept) == PGRES_COMMAND_OK)
            kept = result;
    }
    if (kept == NULL || PQstatus(session->connection) != CONNECTION_OK)
        return live_error_session(arena, session, NULL, what);
    if (out != NULL)
        *out = kept;
    return NULL;
}

Err *live_query_run(Arena *arena, LiveSession *session, const char *sql, const char *what, PGresult **out) {
    TRY(live_query_send(arena, session, sql, what));
    return collect(arena, session, what, out);
}

Err *live_query(Arena *arena, PGconn *connection, const char *sql, const char *const *parameters, PGresult **out) {
    static const char what[] = "answering a question";
    LiveSession session = {.connection = connection,
                           .label = text_safe(arena, arena_printf(arena, "database %s", PQdb(connection))),
                           .patience = LIVE_PATIENCE + 15 * TIME_SECOND};
    int count = 0;
    while (parameters != NULL && parameters[count] != NULL)
        count++;
    if (!PQsendQueryParams(connection, sql, count, NULL, parameters, NULL, NULL, 0))
        return live_error_session(arena, &session, NULL, what);
    return collect(arena, &session, what, out);
}
