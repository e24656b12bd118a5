/* SPDX-License-Identifier: PostgreSQL */
#include <inttypes.h>
#include <string.h>

#include "inventory/live_parts.h"

#define DEFAULT_STATEMENT_TIMEOUT (30 * TIME_MINUTE)
#define DEFAULT_LOCK_TIMEOUT (5 * TIME_SECOND)

static void finish(void *connection) {
    PQfinish(connection);
}

/* Servers' notices are not lifeboat's words. */
static void ignore_notice(void *context, const PGresult *result) {}

typedef struct Parameters {
    const char *keywords[16], *values[16];
    int count;
} Parameters;

static void set(Parameters *parameters, const char *keyword, const char *value) {
    parameters->keywords[parameters->count] = keyword;
    parameters->values[parameters->count++] = value;
}

/* Our own idea, unless the user has one: a dead network must be noticed while a long count sends nothing. */
static void set_unless_given(Arena *arena, Parameters *parameters, const PQconninfoOption *options,
                             const char *const keyword_value[2]) {
    const char *given = live_conninfo_value(arena, options, keyword_value[0]);
    if (given == NULL || given[0] == '\0')
        set(parameters, keyword_value[0], keyword_value[1]);
}

Err *live_session_open(Arena *arena, const LiveRequest *request, LiveSession *out) {
    PQconninfoOption *options;
    TRY(live_conninfo_parse(arena, request->conninfo, &options));
    TRY(live_pooler_refuse_port(arena, request));
    Parameters parameters = {0};
    set(&parameters, "dbname", request->conninfo == NULL ? "" : request->conninfo); /* expanded by libpq */
    set(&parameters, "application_name", "lifeboat");
    set(&parameters, "client_encoding", request->client_encoding == NULL ? "UTF8" : request->client_encoding);
    static const char *const ours[][2] = {{"connect_timeout", "10"},
                                          {"keepalives_idle", "30"},
                                          {"keepalives_interval", "10"},
                                          {"keepalives_count", "3"},
                                          {"tcp_user_timeout", "60000"}};
    for (size_t at = 0; at < sizeof(ours) / sizeof(ours[0]); at++)
        set_unless_given(arena, &parameters, options, ours[at]);
    PGconn *connection = PQconnectdbParams(parameters.keywords, parameters.values, 1);
    if (connection == NULL)
        return err_new(arena, ERR_LIMIT, "no memory for a connection");
    arena_defer(arena, finish, connection);
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    if (PQstatus(connection) != CONNECTION_OK)
        return live_error_connect(arena, request->conninfo, connection);
    int64_t timeout = request->statement_timeout > 0 ? request->statement_timeout : DEFAULT_STATEMENT_TIMEOUT;
    *out = (LiveSession){.connection = connection,
                         .label = live_label(arena, request->conninfo),
                         .version = PQserverVersion(connection),
                         .patience = timeout + 15 * TIME_SECOND};
    if (out->version < 90600)
        return err_new(arena, ERR_UNSUPPORTED, "%s is PostgreSQL %s: lifeboat reads 9.6 and later", out->label,
                       text_safe(arena, PQparameterStatus(connection, "server_version")));
    return NULL;
}

const char *live_session_pins(Arena *arena, const LiveSession *session, const LiveRequest *request, bool local) {
    const char *set_word = local ? "SET LOCAL" : "SET SESSION";
    int64_t statement = request->statement_timeout > 0 ? request->statement_timeout : DEFAULT_STATEMENT_TIMEOUT;
    int64_t lock = request->lock_timeout > 0 ? request->lock_timeout : DEFAULT_LOCK_TIMEOUT;
    Buf *sql = buf_new(arena, 4096);
    /* A sub-millisecond timeout would be 0: none at all. */
    buf_printf(sql, "%s statement_timeout = %" PRId64 ";", set_word, statement / 1000 > 0 ? statement / 1000 : 1);
    buf_printf(sql, "%s lock_timeout = %" PRId64 ";", set_word, lock / 1000 > 0 ? lock / 1000 : 1);
    static const char *const always[] = {"idle_in_transaction_session_timeout = 0",
                                         "row_security = off",
                                         "DateStyle = 'ISO'",
                                         "IntervalStyle = 'postgres'",
                                         "extra_float_digits = 3",
                                         "quote_all_identifiers = off",
                                         "synchronize_seqscans = off"};
    for (size_t at = 0; at < sizeof(always) / sizeof(always[0]); at++)
        buf_printf(sql, "%s %s;", set_word, always[at]);
    if (session->version >= 170000)
        buf_printf(sql, "%s transaction_timeout = 0;", set_word);
    if (!request->as_dump || request->time_zone != NULL) {
        char *zone = PQescapeLiteral(session->connection, request->time_zone == NULL ? "UTC" : request->time_zone,
                                     request->time_zone == NULL ? 3 : strlen(request->time_zone));
        buf_printf(sql, "%s TimeZone = %s;", set_word, zone == NULL ? "'UTC'" : zone);
        PQfreemem(zone);
    }
    if (!request->as_dump)
        buf_printf(sql, "%s bytea_output = 'hex';", set_word);
    buf_printf(sql, "SELECT pg_catalog.set_config('search_path', '', %s)", local ? "true" : "false");
    return sql->at;
}
