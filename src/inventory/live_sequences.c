/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>

#include "inventory/live_parts.h"
#include "pg/identifier.h"

/*
 * Sequences with the value that pg_dump writes (SEQUENCE SET: last_value and is_called, read from the sequence itself).
 * Sequences are not part of a snapshot: their value is the one of now. A sequence of an extension takes part only when
 * it is one of its configuration relations.
 */
#define BATCH 200 /* sequences asked for in one statement */

static const char list_sql[] =
    "SELECT n.nspname, c.relname,"
    " has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT')"
    " AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    " AND (NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND "
    "d.deptype = 'e')"
    " OR EXISTS (SELECT 1 FROM pg_extension e WHERE c.oid = ANY (e.extconfig) AND e.oid >= 16384))";

/* Fills the sequences [from, to); false when the server refused the statement as a whole. */
static Err *read_values(LiveSession *session, Inventory *inventory, Arena *scratch, const size_t range[2], bool *read) {
    Buf *sql = buf_new(scratch, BATCH * 1024);
    buf_string(sql, "SAVEPOINT lifeboat;");
    for (size_t at = range[0]; at < range[1]; at++) {
        const InventorySequence *sequence = &inventory->sequences.items[at];
        if (sequence->known)
            buf_printf(sql, "%s SELECT %zu, last_value, is_called FROM %s.%s", sql->length > 19 ? " UNION ALL" : "", at,
                       identifier_always_quote(scratch, sequence->schema),
                       identifier_always_quote(scratch, sequence->name));
    }
    *read = true;
    if (sql->length == 19)
        return NULL;
    PGresult *result;
    Err *err = live_query_run(scratch, session, sql->at, "reading sequences", &result);
    if (err != NULL) {
        TRY(err->kind == ERR_INTERRUPTED || PQstatus(session->connection) != CONNECTION_OK ? err : NULL);
        *read = false;
        return live_query_run(scratch, session, "ROLLBACK TO lifeboat; RELEASE lifeboat", "reading sequences", NULL);
    }
    for (int row = 0; row < PQntuples(result); row++) {
        uint64_t position = UINT64_MAX;
        if (!text_to_u64(text_of(PQgetvalue(result, row, 0)), &position) || position >= inventory->sequences.count)
            continue;
        inventory->sequences.items[position].value = strtoll(PQgetvalue(result, row, 1), NULL, 10);
        inventory->sequences.items[position].called = PQgetvalue(result, row, 2)[0] == 't';
    }
    return live_query_run(scratch, session, "ROLLBACK TO lifeboat; RELEASE lifeboat", "reading sequences", NULL);
}

/* One sequence that was just dropped or is locked must not cost the others their value. */
static Err *read_batch(LiveSession *session, Inventory *inventory, size_t from, size_t to) {
    bool read;
    Arena *scratch = arena_child(inventory->arena);
    Err *err = read_values(session, inventory, scratch, (const size_t[]){from, to}, &read);
    for (size_t at = from; err == NULL && !read && at < to; at++) {
        bool one;
        err = read_values(session, inventory, scratch, (const size_t[]){at, at + 1}, &one);
        inventory->sequences.items[at].known = inventory->sequences.items[at].known && one;
    }
    err = err == NULL ? NULL : err_copy(inventory->arena, err);
    arena_free(scratch);
    return err;
}

Err *live_sequences(LiveSession *session, Inventory *inventory) {
    Arena *arena = inventory->arena;
    PGresult *result;
    TRY(live_query_run(arena, session, list_sql, "reading the list of sequences", &result));
    for (int row = 0; row < PQntuples(result); row++)
        *LIST_PUSH(arena, inventory->sequences) =
            (InventorySequence){.database = "",
                                .schema = arena_strdup(arena, PQgetvalue(result, row, 0)),
                                .name = arena_strdup(arena, PQgetvalue(result, row, 1)),
                                .known = PQgetvalue(result, row, 2)[0] == 't'};
    for (size_t from = 0; from < inventory->sequences.count; from += BATCH) {
        size_t to = from + BATCH < inventory->sequences.count ? from + BATCH : inventory->sequences.count;
        TRY(read_batch(session, inventory, from, to));
    }
    return NULL;
}
