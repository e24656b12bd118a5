/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "inventory/live_parts.h"

/* What libpq and the servers and poolers say when a connection fails, and what to do about it. First match counts. */
typedef struct Hint {
    const char *words; /* part of the message */
    ErrKind kind;
    const char *hint;
} Hint;

static const Hint hints[] = {
    {"Tenant or user not found", ERR_NOT_FOUND,
     "behind Supabase's pooler the user is postgres.PROJECT_REF and the host must be that project's own pooler host "
     "(its region "
     "and number: copy it from the project's Connect page); a paused project answers the same"},
    {"ircuit breaker", ERR_CONNECT,
     "the pooler blocks this address after failed logins: correct the password, then wait some minutes before the next "
     "try"},
    {"CIRCUITBREAKER", ERR_CONNECT,
     "the pooler blocks this address after failed logins: correct the password, then wait some minutes before the next "
     "try"},
    {"MaxClientsInSessionMode", ERR_CONNECT,
     "the session pool is full: use fewer --jobs, close other clients, or enlarge the pool"},
    {"GSSAPI negotiation", ERR_CONNECT,
     "set PGGSSENCMODE=disable (or add gssencmode=disable): the pooler does not know GSSAPI"},
    {"no password supplied", ERR_PERMISSION,
     "put the password into ~/.pgpass (mode 0600) or a file named by PGPASSFILE, or use a service file; not on the "
     "command line"},
    {"password authentication failed", ERR_PERMISSION,
     "check user and password; lifeboat takes it from the connection string, PGPASSWORD, PGPASSFILE or ~/.pgpass"},
    {"pg_hba.conf", ERR_PERMISSION, "the server's pg_hba.conf does not let this user in from this address"},
    {"SSL is required", ERR_CONNECT, "add sslmode=require to the connection string"},
    {"does not support SSL", ERR_CONNECT, "the server has no TLS: remove sslmode, or connect to one that has"},
    {"certificate verify failed", ERR_CONNECT, "give the authority's certificate with sslrootcert=FILE"},
    {"permission denied for database", ERR_PERMISSION, "GRANT CONNECT ON DATABASE ... TO the role"},
    {"remaining connection slots", ERR_CONNECT,
     "the server has no connection left: close idle clients, or use a session pooler"},
    {"too many clients", ERR_CONNECT, "the server has no connection left: close idle clients, or use a session pooler"},
    {"too many connections", ERR_CONNECT, "the role or database is at its connection limit"},
    {"the database system is starting up", ERR_CONNECT, "the server is starting: try again in a moment"},
    {"the database system is shutting down", ERR_CONNECT, "the server is shutting down"},
    {"the database system is in recovery mode", ERR_CONNECT,
     "the server is recovering from a crash: try again in a moment"},
    {"not yet accepting connections", ERR_CONNECT, "the server is starting: try again in a moment"},
    {"Connection refused", ERR_CONNECT, "nothing listens there: is the server running, and are host and port right?"},
    {"No such file or directory", ERR_CONNECT,
     "no server has its socket there: is it running, and is host the right directory or name?"},
    {"timeout expired", ERR_CONNECT, "no answer: check host, port, firewall; connect_timeout=SECONDS waits longer"},
    {"Connection timed out", ERR_CONNECT, "no answer: check host, port and firewall"},
    {"could not translate host name", ERR_CONNECT, "the host's name is not known: check its spelling and DNS"},
    {"Network is unreachable", ERR_CONNECT, "there is no route to that address from here"},
    {"does not exist", ERR_NOT_FOUND, "check the names of database and user"},
};

static const char supabase_direct[] = "direct Supabase hosts answer on IPv6 only: use the session pooler instead (host "
                                      "aws-N-REGION.pooler.supabase.com, port 5432, "
                                      "user postgres.PROJECT_REF: see the project's Connect page)";

static bool ends_with(const char *text, const char *end) {
    return text != NULL && text_ends(text_of(text), end);
}

static bool is_supabase_direct(Arena *arena, const char *conninfo, const char *words) {
    PQconninfoOption *options;
    if (live_conninfo_parse(arena, conninfo, &options) != NULL)
        return false;
    if (!ends_with(live_conninfo_value(arena, options, "host"), ".supabase.co"))
        return false;
    return strstr(words, "Network is unreachable") != NULL || strstr(words, "could not translate host name") != NULL ||
           strstr(words, "Cannot assign requested address") != NULL || strstr(words, "No route to host") != NULL;
}

/* The text with every occurrence of the secret replaced; one too short to be told from ordinary words is left. */
static const char *without(Arena *arena, const char *text, const char *secret) {
    size_t length = secret == NULL ? 0 : strlen(secret);
    if (length < 3 || strstr(text, secret) == NULL)
        return text;
    Buf *buf = buf_new(arena, 64 * 1024);
    for (const char *next; (next = strstr(text, secret)) != NULL; text = next + length) {
        buf_append(buf, text, (size_t)(next - text));
        buf_string(buf, "****");
    }
    buf_string(buf, text);
    return buf->at;
}

const char *live_error_words(Arena *arena, const char *conninfo, const char *words) {
    Buf *line = buf_new(arena, 16 * 1024);
    for (Text rest = text_of(words), part; rest.length > 0;) {
        part = text_trim(text_cut(rest, '\n', &rest));
        if (part.length > 0 && line->length > 0)
            buf_string(line, "; ");
        buf_text(line, part);
    }
    const char *text = line->at == NULL ? "" : line->at;
    PQconninfoOption *options;
    if (conninfo != NULL && live_conninfo_parse(arena, conninfo, &options) == NULL) {
        text = without(arena, text, live_conninfo_value(arena, options, "password"));
        text = without(arena, text, live_conninfo_value(arena, options, "sslpassword"));
    }
    return text_safe(arena, without(arena, text, getenv("PGPASSWORD")));
}

Err *live_error_connect(Arena *arena, const char *conninfo, const PGconn *connection) {
    const char *words = live_error_words(arena, conninfo, PQerrorMessage(connection));
    const Hint *hint = NULL;
    for (size_t at = 0; at < sizeof(hints) / sizeof(hints[0]) && hint == NULL; at++)
        if (strstr(words, hints[at].words) != NULL)
            hint = &hints[at];
    Err *err = err_new(arena, hint == NULL ? ERR_CONNECT : hint->kind, "cannot connect to %s: %s",
                       live_label(arena, conninfo), words);
    if (is_supabase_direct(arena, conninfo, words))
        return err_hint(arena, err, "%s", supabase_direct);
    return hint == NULL ? err : err_hint(arena, err, "%s", hint->hint);
}

static const char *state_of(const PGresult *result) {
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state == NULL ? "" : state;
}

static const char *primary_of(Arena *arena, const PGresult *result) {
    const char *words = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return live_error_words(arena, NULL, words == NULL ? "no reason given" : words);
}

/* SQLSTATEs of a whole session: appendix A of the manual. Class 57P is the operator or the server stopping. */
typedef struct State {
    const char *state; /* or its beginning */
    ErrKind kind;
    const char *hint;
} State;

static const State states[] = {
    {"57P05", ERR_TIMEOUT, "idle_session_timeout ended the session: raise it for lifeboat's role"},
    {"57P", ERR_CONNECT, "the server was stopped, or somebody ended the session: try again when it is up"},
    {"25P03", ERR_TIMEOUT, "idle_in_transaction_session_timeout ended the session: raise it for lifeboat's role"},
    {"25P04", ERR_TIMEOUT, "transaction_timeout ended the session: raise it for lifeboat's role"},
    {"57014", ERR_TIMEOUT, "the statement took longer than allowed, or somebody cancelled it"},
    {"55P03", ERR_TIMEOUT, "another session holds a lock, such as a migration: try again when it is done"},
    {"42501", ERR_PERMISSION,
     "the role lacks a right; a superuser, or a member of pg_read_all_data with BYPASSRLS, can read everything"},
    {"40001", ERR_SERVER,
     "on a standby, replay of the primary's changes cancels long queries: ask the primary, or raise "
     "max_standby_streaming_delay"},
    {"53", ERR_SERVER, "the server is out of memory, disk or connections"},
};

static const State *find_state(const char *state) {
    for (size_t at = 0; at < sizeof(states) / sizeof(states[0]); at++)
        if (text_starts(text_of(state), states[at].state))
            return &states[at];
    return NULL;
}

Err *live_error_session(Arena *arena, const LiveSession *session, const PGresult *result, const char *what) {
    const State *known = find_state(state_of(result));
    if (PQstatus(session->connection) == CONNECTION_BAD && known == NULL) {
        const char *words = live_error_words(arena, NULL, PQerrorMessage(session->connection));
        return err_hint(arena,
                        err_new(arena, ERR_CONNECT, "%s went away while %s: %s", session->label, what,
                                words[0] == '\0' ? "no words" : words),
                        "the server stopped, restarted, or the network broke: try again when it is up");
    }
    Err *err = err_new(arena, known == NULL ? ERR_SERVER : known->kind,
                       "%s answered with an error while %s: %s (SQLSTATE %s)", session->label, what,
                       primary_of(arena, result), state_of(result)[0] == '\0' ? "none" : state_of(result));
    return known == NULL ? err : err_hint(arena, err, "%s", known->hint);
}

const char *live_error_table_reason(Arena *arena, const LiveSession *session, const PGresult *result) {
    const char *state = state_of(result);
    if (PQstatus(session->connection) == CONNECTION_BAD || strncmp(state, "57P", 3) == 0 ||
        strncmp(state, "25P", 3) == 0)
        return NULL;
    if (strcmp(state, "55P03") == 0)
        return "another session holds a lock on it (a migration?): not waited for";
    if (strcmp(state, "57014") == 0)
        return "reading it took longer than the statement timeout";
    if (strcmp(state, "42501") == 0)
        return arena_printf(arena, "no right to read it: %s", primary_of(arena, result));
    if (strcmp(state, "42P01") == 0 || strcmp(state, "42703") == 0 || strcmp(state, "XX000") == 0)
        return arena_printf(arena, "it changed while it was looked at, or is damaged: %s", primary_of(arena, result));
    return arena_printf(arena, "the server could not read it: %s (SQLSTATE %s)", primary_of(arena, result),
                        state[0] == '\0' ? "none" : state);
}
