/* SPDX-License-Identifier: PostgreSQL */
#include "store/store_postgres.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/text.h"
#include "base/time.h"
#include "inventory/live.h"

#define CONNECT_PATIENCE (10 * TIME_SECOND)
#define STATEMENT_PATIENCE (30 * TIME_SECOND)

static Err *wait_for(Arena *arena, const StorePostgres *session, short events, int64_t deadline) {
    for (;;) {
        TRY(interrupt_check(arena));
        int64_t left = deadline - time_monotonic();
        if (left <= 0)
            return err_new(arena, ERR_TIMEOUT, "%s did not answer in time", session->label);
        struct pollfd one = {.fd = PQsocket(session->connection), .events = events};
        int slice = left > 100000 ? 100 : (int)(left / 1000) + 1;
        int ready = poll(&one, 1, slice);
        if (ready > 0)
            return NULL;
        if (ready < 0 && errno != EINTR)
            return err_errno(arena, errno, "waiting for %s", session->label);
    }
}

static Err *connection_error(Arena *arena, const StorePostgres *session) {
    return err_new(arena, ERR_CONNECT, "%s: %s", session->label,
                   live_error_words(arena, session->conninfo, PQerrorMessage(session->connection)));
}

static void finish(void *connection) {
    PQfinish(connection);
}

static void ignore_notice(void *context, const char *message) {}

static Err *finish_connecting(Arena *arena, const StorePostgres *session) {
    int64_t deadline = time_monotonic() + CONNECT_PATIENCE;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED || PQstatus(session->connection) == CONNECTION_BAD)
            return live_error_connect(arena, session->conninfo, session->connection);
        TRY(wait_for(arena, session, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline));
        state = PQconnectPoll(session->connection);
    }
    return NULL;
}

Err *store_postgres_connect(Arena *arena, const char *conninfo, StorePostgres *out) {
    /* What stands before dbname can be overridden by the connection string, what stands after it cannot. */
    const char *const keywords[] = {"fallback_application_name", "dbname", "client_encoding", NULL};
    const char *const values[] = {"lifeboat", conninfo, "UTF8", NULL};
    PQconninfoOption *options;
    const Err *malformed = live_conninfo_parse(arena, conninfo, &options);
    if (malformed != NULL)
        return err_wrap(arena, malformed, "the PostgreSQL store cannot be reached");
    *out = (StorePostgres){.conninfo = conninfo, .label = live_label(arena, conninfo), .patience = STATEMENT_PATIENCE};
    out->connection = PQconnectStartParams(keywords, values, 1);
    if (out->connection == NULL)
        return err_new(arena, ERR_LIMIT, "no memory left for a connection to %s", out->label);
    arena_defer(arena, finish, out->connection);
    Err *err = finish_connecting(arena, out);
    if (err != NULL)
        return err_wrap(arena, err, "the PostgreSQL store cannot be reached");
    PQsetNoticeProcessor(out->connection, ignore_notice, NULL);
    PQsetnonblocking(out->connection, 1);
    return NULL;
}

/* SQLSTATE, its meaning for us, and what to do. */
static const struct {
    const char *state;
    ErrKind kind;
    const char *hint;
} reasons[] = {
    {"42P01", ERR_SERVER, "run lifeboat migrate: it makes the table backup_verification_log"},
    {"42703", ERR_SERVER, "run lifeboat migrate: the table backup_verification_log lacks columns"},
    {"42P10", ERR_SERVER, "run lifeboat migrate: the table backup_verification_log lacks its unique index on run_id"},
    {"42501", ERR_PERMISSION,
     "the role must own backup_verification_log, or have BYPASSRLS with SELECT and INSERT on it, or SELECT and INSERT "
     "and a "
     "row-level security policy that allows both; docs/notifications.md shows one"},
    {"42883", ERR_SERVER, "PostgreSQL 12 or older: run CREATE EXTENSION pgcrypto in that database first"},
    {"25006", ERR_SERVER, "the server is read-only (a replica, or out of disk): connect to the primary"},
    {"55P03", ERR_TIMEOUT, "another session holds a lock on backup_verification_log: try again"},
    {"57014", ERR_TIMEOUT, "the server cancelled the statement: try again"},
};

static Err *result_error(Arena *arena, const StorePostgres *session, const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state == NULL || PQstatus(session->connection) == CONNECTION_BAD)
        return err_new(arena, ERR_CONNECT, "%s: %s", session->label,
                       live_error_words(arena, session->conninfo, PQresultErrorMessage(result)));
    ErrKind kind = ERR_SERVER;
    const char *hint = NULL;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strcmp(state, reasons[i].state) == 0) {
            kind = reasons[i].kind;
            hint = reasons[i].hint;
        }
    Err *err = err_new(arena, kind, "%s answered: %s (SQLSTATE %s)", session->label,
                       live_error_words(arena, session->conninfo, words == NULL ? "" : words), text_safe(arena, state));
    return hint == NULL ? err : err_hint(arena, err, "%s", hint);
}

static Err *flush(Arena *arena, const StorePostgres *session, int64_t deadline) {
    for (;;) {
        int left = PQflush(session->connection);
        if (left == 0)
            return NULL;
        if (left < 0)
            return connection_error(arena, session);
        TRY(wait_for(arena, session, POLLIN | POLLOUT, deadline));
        if (!PQconsumeInput(session->connection))
            return connection_error(arena, session);
    }
}

static Err *next_result(Arena *arena, const StorePostgres *session, int64_t deadline, PGresult **out) {
    while (PQisBusy(session->connection)) {
        TRY(wait_for(arena, session, POLLIN, deadline));
        if (!PQconsumeInput(session->connection))
            return connection_error(arena, session);
    }
    *out = PQgetResult(session->connection);
    return NULL;
}

static void clear(void *result) {
    PQclear(result);
}

Err *store_postgres_query(Arena *arena, StorePostgres *session, const StoreStatement *statement, PGresult **out) {
    int64_t deadline = time_monotonic() + session->patience;
    int sent = statement->count == 0 ? PQsendQuery(session->connection, statement->sql)
                                     : PQsendQueryParams(session->connection, statement->sql, statement->count, NULL,
                                                         statement->values, NULL, NULL, 0);
    if (!sent)
        return connection_error(arena, session);
    TRY(flush(arena, session, deadline));
    *out = NULL;
    for (Err *err = NULL;;) {
        PGresult *result = NULL;
        TRY(next_result(arena, session, deadline, &result));
        if (result == NULL)
            return err;
        arena_defer(arena, clear, result);
        *out = result;
        ExecStatusType status = PQresultStatus(result);
        if (err == NULL && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
            err = result_error(arena, session, result);
    }
}
