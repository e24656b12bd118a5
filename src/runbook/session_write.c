/* SPDX-License-Identifier: PostgreSQL */
#include <poll.h>
#include <string.h>

#include "base/interrupt.h"
#include "inventory/live.h"
#include "runbook/session.h"

static void finish(void *connection) {
    PQfinish(connection);
}

static void ignore_notice(void *context, const PGresult *result) {}

Err *session_write_open(Arena *arena, const char *conninfo, PGconn **out) {
    static const char settings[] =
        "set default_transaction_read_only = off; set statement_timeout = 0; set lock_timeout = '5s'";
    const char *const keywords[] = {"dbname", "application_name", "client_encoding", "connect_timeout", NULL};
    const char *const values[] = {conninfo, "lifeboat", "UTF8", "10", NULL};
    PGconn *connection = PQconnectdbParams(keywords, values, 1);
    arena_defer(arena, finish, connection);
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    if (PQstatus(connection) != CONNECTION_OK)
        return live_error_connect(arena, conninfo, connection);
    PGresult *result = PQexec(connection, settings);
    bool set = PQresultStatus(result) == PGRES_COMMAND_OK;
    Err *err = set ? NULL : session_error(arena, result, PQuser(connection));
    PQclear(result);
    *out = connection;
    return err;
}

/* Waits for the end of the statement; at Ctrl-C it is cancelled once, and its end is waited for. */
static bool wait_end(PGconn *connection) {
    bool cancelled = false;
    while (PQisBusy(connection)) {
        struct pollfd polled = {.fd = PQsocket(connection), .events = POLLIN};
        poll(&polled, 1, 100);
        if (interrupt_requested() && !cancelled) {
            char words[256];
            PGcancel *cancel = PQgetCancel(connection);
            PQcancel(cancel, words, sizeof(words));
            PQfreeCancel(cancel);
            cancelled = true;
        }
        if (PQconsumeInput(connection) != 1)
            break;
    }
    return cancelled;
}

static void keep(Arena *arena, const PGresult *result, SessionTexts *out) {
    for (int row = 0; out != NULL && row < PQntuples(result); row++)
        if (PQnfields(result) > 0 && !PQgetisnull(result, row, 0))
            *LIST_PUSH(arena, *out) = arena_strdup(arena, PQgetvalue(result, row, 0));
}

Err *session_write_run(Arena *arena, PGconn *connection, const SessionQuestion *question, SessionTexts *out,
                       const char **said) {
    Err *err = interrupt_check(arena);
    if (err != NULL)
        return err;
    if (PQsendQueryParams(connection, question->sql, (int)question->count, NULL, question->values, NULL, NULL, 0) != 1)
        return err_new(arena, ERR_CONNECT, "the server hung up: %s",
                       live_error_words(arena, NULL, PQerrorMessage(connection)));
    bool cancelled = wait_end(connection);
    for (PGresult *result; (result = PQgetResult(connection)) != NULL; PQclear(result)) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_TUPLES_OK)
            keep(arena, result, out);
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
            *said = text_safe(arena, PQcmdStatus(result));
        else if (err == NULL)
            err = session_error(arena, result, live_error_words(arena, NULL, PQuser(connection)));
    }
    if (cancelled)
        return err_new(arena, ERR_INTERRUPTED, "the statement was %s",
                       err == NULL ? "done before it could be stopped" : "cancelled on request");
    return err;
}
