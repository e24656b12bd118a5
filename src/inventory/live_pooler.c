/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "inventory/live_parts.h"

#define PROBES 4 /* a pool with several servers idle may hand out another one now and then */
#define PROBE_PATIENCE                                                                                                 \
    (3 * TIME_SECOND) /* a full session pool keeps a second client waiting: that is an answer too                      \
                       */

static Err *refuse(Arena *arena, const LiveRequest *request) {
    PQconninfoOption *options;
    TRY(live_conninfo_parse(arena, request->conninfo, &options));
    const char *port = live_conninfo_value(arena, options, "port");
    Err *err = err_new(arena, ERR_UNSUPPORTED, "%s is a transaction pooler: every transaction may get another session",
                       live_label(arena, request->conninfo));
    if (port != NULL && strcmp(port, "6543") == 0)
        return err_hint(
            arena, err,
            "use port 5432 of the same host: behind it is a session of one's own (Supabase's session pooler or the "
            "database itself)");
    return err_hint(
        arena, err,
        "point lifeboat at PostgreSQL itself (its own port is 5432 as a rule) or at a pool in session mode");
}

/* Supabase's port 6543 is a transaction pooler and nothing else, so there is no need to ask. */
static bool is_supabase_transaction_port(Arena *arena, const LiveRequest *request) {
    PQconninfoOption *options;
    if (live_conninfo_parse(arena, request->conninfo, &options) != NULL)
        return false;
    const char *host = live_conninfo_value(arena, options, "host"), *port = live_conninfo_value(arena, options, "port");
    return host != NULL && port != NULL && strcmp(port, "6543") == 0 &&
           (text_ends(text_of(host), ".supabase.com") || text_ends(text_of(host), ".supabase.co"));
}

Err *live_pooler_refuse_port(Arena *arena, const LiveRequest *request) {
    return is_supabase_transaction_port(arena, request) ? refuse(arena, request) : NULL;
}

/* Process number of the server behind the session, 0 when it did not say. */
static Err *backend(Arena *arena, LiveSession *session, const char *before, int *out) {
    PGresult *result;
    *out = 0;
    const char *sql = arena_printf(arena, "%sSELECT pg_catalog.pg_backend_pid()", before);
    TRY(live_query_run(arena, session, sql, "asking who is there", &result));
    uint64_t pid = 0;
    if (PQntuples(result) == 1 && text_to_u64(text_of(PQgetvalue(result, 0, 0)), &pid) && pid <= INT32_MAX)
        *out = (int)pid;
    return NULL;
}

/* While another client of the pool holds a transaction: does it have our server, do we get another one than before, or
 * none at all? A session of one's own answers at once. */
static Err *probe(Arena *arena, const LiveRequest *request, LiveSession *session, bool *shared) {
    LiveSession other;
    int ours, theirs, again;
    TRY(backend(arena, session, "", &ours));
    TRY(live_session_open(arena, request, &other));
    other.patience = PROBE_PATIENCE;
    TRY(backend(arena, &other, "BEGIN READ ONLY;", &theirs));
    *shared = ours == theirs;
    if (*shared)
        return NULL;
    Err *silence = backend(arena, session, "", &again);
    *shared = ours != again || (silence != NULL && silence->kind == ERR_TIMEOUT);
    return silence != NULL ? silence : live_query_run(arena, &other, "ROLLBACK", "ending the question", NULL);
}

Err *live_pooler_refuse(Arena *arena, const LiveRequest *request, LiveSession *session) {
    int ours;
    int64_t patience = session->patience;
    TRY(backend(arena, session, "", &ours));
    /* A pooler invents the key that cancels, so the process number in it is not the server's; without one they are
     * equal. */
    if (ours == PQbackendPID(session->connection))
        return NULL;
    for (int at = 0; at < PROBES; at++) {
        Arena *scratch = arena_child(arena);
        bool shared = false;
        session->patience = PROBE_PATIENCE;
        Err *inconclusive = probe(scratch, request, session, &shared);
        session->patience = patience;
        bool interrupted = inconclusive != NULL && inconclusive->kind == ERR_INTERRUPTED;
        bool gone = inconclusive != NULL;
        /* PgBouncer's words where not even a transaction has a session of its own */
        shared = shared || (gone && strstr(err_text(scratch, inconclusive), "statement pooling") != NULL);
        arena_free(scratch);
        if (interrupted)
            return err_new(arena, ERR_INTERRUPTED, "stopped on request");
        if (shared)
            return refuse(arena, request);
        if (gone)
            break; /* no second connection to be had: settings are pinned inside the transaction, so nothing is lost */
    }
    return PQstatus(session->connection) == CONNECTION_OK
               ? NULL
               : live_error_session(arena, session, NULL, "finding out whether a pooler stands between");
}
