/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/session.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/interrupt.h"
#include "inventory/live.h"
#include "runbook/probe.h"

enum {
    SESSION_MOST = 8,
    SESSION_SLOTS = 15, /* free ones: with fewer there is one connection */
    SESSION_TIMEOUTS = 8,
    SESSION_TICK_MS = 100,
};
/* Behind statement_timeout: what a server that still answers needs at most. */
#define SESSION_PATIENCE (5 * TIME_SECOND)

#define SETTINGS                                                                                                       \
    "select set_config('statement_timeout', '2s', true), set_config('lock_timeout', '200ms', true),"                   \
    " set_config('idle_in_transaction_session_timeout', '10s', true),"                                                 \
    " set_config('search_path', 'public, pg_catalog', true), set_config('TimeZone', 'UTC', true),"                     \
    " set_config('DateStyle', 'ISO', true), set_config('IntervalStyle', 'postgres', true)"

typedef struct Line {
    PGconn *connection; /* NULL: not opened yet, or broken */
    bool taken;
} Line;

struct SessionPool {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    Arena *arena; /* touched under the lock only */
    const char *conninfo;
    SessionFacts facts;
    Line lines[SESSION_MOST];
    int limit;    /* lines that may be used */
    int timeouts; /* questions that ran into one */
    bool again;   /* a broken connection was replaced once */
    const Err *trouble;
};

static void ignore_notice(void *context, const PGresult *result) {}

/* --- connecting --- */

static bool gives_timeout(Arena *arena, const char *conninfo) {
    PQconninfoOption *options = NULL;
    if (live_conninfo_parse(arena, conninfo, &options) != NULL)
        return false;
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
        if (strcmp(option->keyword, "connect_timeout") == 0)
            return option->val != NULL || getenv("PGCONNECT_TIMEOUT") != NULL;
    return false;
}

/* Called under the lock, or before threads are there. NULL and *err when it failed. */
static PGconn *connect_line(SessionPool *pool, Err **err) {
    const char *keywords[] = {"dbname",           "application_name", "client_encoding",
                              "tcp_user_timeout", "connect_timeout",  NULL};
    const char *values[] = {pool->conninfo, "lifeboat", "UTF8", "5000", "3", NULL};
    if (gives_timeout(pool->arena, pool->conninfo))
        keywords[4] = NULL;
    PGconn *connection = PQconnectdbParams(keywords, values, 1);
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    *err = NULL;
    if (PQstatus(connection) != CONNECTION_OK)
        *err = live_error_connect(pool->arena, pool->conninfo, connection);
    else if (PQenterPipelineMode(connection) != 1)
        *err = err_new(pool->arena, ERR_UNSUPPORTED, "the connection cannot be used");
    if (*err == NULL)
        return connection;
    PQfinish(connection);
    return NULL;
}

/* --- one question on one connection --- */

static Err *went_away(Arena *arena, PGconn *connection) {
    const char *words = live_error_words(arena, NULL, PQerrorMessage(connection));
    return err_new(arena, ERR_CONNECT, "the server hung up%s%s", words[0] == '\0' ? "" : ": ", words);
}

/* Waits until a result can be taken without blocking. */
static Err *wait_result(Arena *arena, PGconn *connection, int64_t until) {
    while (PQisBusy(connection)) {
        struct pollfd polled = {.fd = PQsocket(connection), .events = POLLIN};
        TRY(interrupt_check(arena));
        if (time_monotonic() > until)
            return err_new(arena, ERR_CONNECT, "the server does not answer any more");
        if (PQflush(connection) == 1)
            polled.events |= POLLOUT;
        poll(&polled, 1, SESSION_TICK_MS);
        if (PQconsumeInput(connection) != 1)
            return went_away(arena, connection);
    }
    return NULL;
}

static bool send_all(PGconn *connection, const SessionQuestion *question) {
    return PQsendQueryParams(connection, "begin transaction read only", 0, NULL, NULL, NULL, NULL, 0) == 1 &&
           PQsendQueryParams(connection, SETTINGS, 0, NULL, NULL, NULL, NULL, 0) == 1 &&
           PQsendQueryParams(connection, question->sql, (int)question->count, NULL, question->values, NULL, NULL, 0) ==
               1 &&
           PQpipelineSync(connection) == 1 &&
           PQsendQueryParams(connection, "rollback", 0, NULL, NULL, NULL, NULL, 0) == 1 &&
           PQpipelineSync(connection) == 1;
}

static void keep_names(Arena *arena, const PGresult *result, SessionRows *out) {
    if (out->names != NULL)
        return;
    out->columns = (size_t)PQnfields(result);
    const char **names = ARENA_ARRAY(arena, const char *, out->columns + 1);
    for (size_t i = 0; i < out->columns; i++)
        names[i] = arena_strdup(arena, PQfname(result, (int)i));
    out->names = names;
    out->values = ARENA_ARRAY(arena, const char *, out->columns *PROBE_ROWS + 1);
}

static void keep_rows(Arena *arena, const PGresult *result, SessionRows *out) {
    keep_names(arena, result, out);
    for (int row = 0; row < PQntuples(result); row++) {
        out->count++;
        if (out->kept == PROBE_ROWS)
            continue;
        for (int column = 0; column < (int)out->columns; column++)
            if (!PQgetisnull(result, row, column))
                out->values[out->kept * out->columns + (size_t)column] =
                    arena_strndup(arena, PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
        out->kept++;
    }
}

/* The answers come as they were asked: three of the first part, its end, one of the second, its end. */
static Err *take_all(Arena *arena, PGconn *connection, const char *role, SessionRows *out) {
    enum { QUESTION = 2, ALL_SYNCS = 2 };
    int64_t until = time_monotonic() + SESSION_PATIENCE;
    int statement = 0, syncs = 0;
    Err *refusal = NULL;
    while (syncs < ALL_SYNCS) {
        TRY(wait_result(arena, connection, until));
        PGresult *result = PQgetResult(connection);
        ExecStatusType status = PQresultStatus(result);
        if (result == NULL) {
            if (PQstatus(connection) == CONNECTION_BAD)
                return refusal != NULL ? refusal : went_away(arena, connection);
            statement++;
            if (statement == QUESTION)
                PQsetSingleRowMode(connection);
            continue;
        }
        if (status == PGRES_PIPELINE_SYNC)
            syncs++;
        else if (statement == QUESTION && (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK))
            keep_rows(arena, result, out);
        else if (status == PGRES_FATAL_ERROR && refusal == NULL)
            refusal = session_error(arena, result, role);
        else if (statement == QUESTION && status != PGRES_PIPELINE_ABORTED && refusal == NULL)
            refusal = err_new(arena, ERR_DATA, "the statement returns no rows, as it should");
        PQclear(result);
    }
    return refusal;
}

static Err *ask_on(Arena *arena, PGconn *connection, const char *role, const SessionQuestion *question,
                   SessionRows *out) {
    *out = (SessionRows){0};
    if (PQsetnonblocking(connection, 1) != 0 || !send_all(connection, question))
        return went_away(arena, connection);
    return take_all(arena, connection, role, out);
}

/* --- the pool --- */

void session_close(SessionPool *pool) {
    for (int i = 0; i < SESSION_MOST; i++) {
        PQfinish(pool->lines[i].connection);
        pool->lines[i].connection = NULL;
    }
}

static void close_pool(void *what) {
    SessionPool *pool = what;
    session_close(pool);
    pthread_cond_destroy(&pool->freed);
    pthread_mutex_destroy(&pool->lock);
}

static const char first_question[] =
    "select current_user, current_setting('server_version'), pg_is_in_recovery(),"
    " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    " - (select count(*)::int from pg_stat_activity where backend_type = 'client backend'),"
    " (select rolconnlimit from pg_roles where rolname = current_user)";

/* How many connections are no burden. What cannot be told is taken for the worst. */
static void learn(SessionPool *pool, int most) {
    SessionRows rows = {0};
    SessionFacts *facts = &pool->facts;
    pool->limit = 1;
    facts->role = live_error_words(pool->arena, NULL, PQuser(pool->lines[0].connection));
    facts->version_number = PQserverVersion(pool->lines[0].connection);
    Err *err =
        ask_on(pool->arena, pool->lines[0].connection, facts->role, &(SessionQuestion){.sql = first_question}, &rows);
    if (err != NULL && PQstatus(pool->lines[0].connection) == CONNECTION_BAD)
        pool->trouble = err;
    if (err != NULL || rows.kept != 1)
        return;
    const char *limit = rows.values[4];
    facts->role = text_safe(pool->arena, rows.values[0]);
    /* "15.18 (Debian 15.18-0+deb12u1)": who packed it says nothing here. */
    Text ignored = {0}, version = text_cut(text_of(rows.values[1]), ' ', &ignored);
    facts->version = text_safe(pool->arena, text_dup(pool->arena, version));
    facts->standby = strcmp(rows.values[2], "t") == 0;
    facts->free_slots = rows.values[3] == NULL ? -1 : (int)strtol(rows.values[3], NULL, 10);
    long own = limit == NULL ? -1 : strtol(limit, NULL, 10);
    if (facts->free_slots >= SESSION_SLOTS && (own < 0 || own >= SESSION_SLOTS))
        pool->limit = most > SESSION_MOST ? SESSION_MOST : most;
}

Err *session_open(Arena *arena, const SessionRequest *request, SessionPool **out) {
    SessionPool *pool = ARENA_NEW(arena, SessionPool);
    Err *err = NULL;
    *out = pool;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->freed, NULL);
    pool->arena = arena_child(arena);
    pool->conninfo = arena_strdup(arena, request->conninfo == NULL ? "" : request->conninfo);
    pool->facts =
        (SessionFacts){.label = live_label(arena, pool->conninfo), .role = "", .version = "", .free_slots = -1};
    arena_defer(arena, close_pool, pool);
    PQconninfoOption *options = NULL;
    TRY(live_conninfo_parse(arena, pool->conninfo, &options));
    pool->lines[0].connection = connect_line(pool, &err);
    pool->trouble = err;
    if (err == NULL)
        learn(pool, request->most < 1 ? 1 : request->most);
    pool->facts.connections = pool->limit;
    return NULL;
}

const Err *session_trouble(SessionPool *pool) {
    pthread_mutex_lock(&pool->lock);
    const Err *trouble = pool->trouble;
    pthread_mutex_unlock(&pool->lock);
    return trouble;
}

const SessionFacts *session_facts(const SessionPool *pool) {
    return &pool->facts;
}

/* A line that is open, else one that may be opened; -1 when all are in use. Under the lock. */
static int free_line(const SessionPool *pool) {
    int closed = -1;
    for (int i = 0; i < pool->limit; i++) {
        if (!pool->lines[i].taken && pool->lines[i].connection != NULL)
            return i;
        if (!pool->lines[i].taken && closed < 0)
            closed = i;
    }
    return closed;
}

/* Opens what is not open. One further try for a connection that broke; then the server is down for good. */
static void open_line(SessionPool *pool, int number) {
    Err *err = NULL;
    pool->lines[number].connection = connect_line(pool, &err);
    if (err == NULL)
        return;
    int open = 0;
    for (int i = 0; i < SESSION_MOST; i++)
        open += pool->lines[i].connection != NULL;
    if (open == 0)
        pool->trouble = err;
    else
        pool->limit = open; /* no slot for another one */
}

static void wait_a_moment(SessionPool *pool) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += SESSION_TICK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&pool->freed, &pool->lock, &until);
}

/* A line, or the reason why there is none. */
static Err *take_line(Arena *arena, SessionPool *pool, int *number) {
    Err *err = NULL;
    pthread_mutex_lock(&pool->lock);
    while (err == NULL) {
        if (pool->trouble != NULL)
            err = err_copy(arena, pool->trouble);
        else if (pool->timeouts >= SESSION_TIMEOUTS)
            err = err_new(arena, ERR_TIMEOUT, "not asked any more: the server did not answer %d questions in time",
                          SESSION_TIMEOUTS);
        else
            err = interrupt_check(arena);
        *number = err == NULL ? free_line(pool) : -1;
        if (err == NULL && *number < 0)
            wait_a_moment(pool);
        else if (err == NULL && pool->lines[*number].connection == NULL)
            open_line(pool, *number);
        if (err == NULL && *number >= 0 && *number < pool->limit && pool->lines[*number].connection != NULL)
            break;
    }
    if (err == NULL)
        pool->lines[*number].taken = true;
    pthread_mutex_unlock(&pool->lock);
    return err;
}

/* A connection that broke is closed; the next question opens it again, once. */
static void give_back(SessionPool *pool, int number, const Err *err) {
    Line *line = &pool->lines[number];
    bool broken = PQstatus(line->connection) == CONNECTION_BAD || (err != NULL && err->kind == ERR_CONNECT) ||
                  (err != NULL && err->kind == ERR_INTERRUPTED);
    pthread_mutex_lock(&pool->lock);
    if (broken) {
        PQfinish(line->connection);
        line->connection = NULL;
        if (pool->again && pool->trouble == NULL)
            pool->trouble = err_copy(pool->arena, err);
        pool->again = true;
    }
    pool->timeouts += err != NULL && err->kind == ERR_TIMEOUT;
    line->taken = false;
    pthread_cond_broadcast(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
}

Err *session_ask(Arena *arena, SessionPool *pool, const SessionQuestion *question, SessionRows *out) {
    int number = 0;
    *out = (SessionRows){0};
    TRY(take_line(arena, pool, &number));
    Err *err = ask_on(arena, pool->lines[number].connection, pool->facts.role, question, out);
    give_back(pool, number, err);
    return err;
}
