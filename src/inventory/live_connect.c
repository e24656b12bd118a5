/* SPDX-License-Identifier: PostgreSQL */
#include "inventory/live_parts.h"

Err *live_connect(Arena *arena, const char *conninfo, PGconn **out) {
    LiveRequest request = {.conninfo = conninfo, .jobs = 1, .statement_timeout = LIVE_PATIENCE};
    LiveSession session;
    TRY(live_session_open(arena, &request, &session));
    /* Before anything is set: behind a transaction pooler a SET would stay on a connection that others use. */
    TRY(live_pooler_refuse(arena, &request, &session));
    const char *sql = arena_printf(arena, "SET SESSION default_transaction_read_only = on;%s",
                                   live_session_pins(arena, &session, &request, false));
    TRY(live_query_run(arena, &session, sql, "preparing the session", NULL));
    *out = session.connection;
    return NULL;
}
