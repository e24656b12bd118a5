/* SPDX-License-Identifier: PostgreSQL */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "inventory/live_parts.h"

/*
 * Large objects: their number, and (when digests are asked for) the sum over objects of the row digest of the number in
 * decimal, a colon, and the content. Content comes in pieces of PIECE bytes, a batch of objects at a time; what is
 * longer than one piece is read on alone. A role that may not read them all gets the number only.
 */
#define PIECE 262144
#define BATCH 64

typedef struct Blobs {
    LiveSession *session;
    Inventory *inventory;
    XXH3_state_t *state;
    uint64_t last; /* number of the last object read */
    bool refused;
} Blobs;

static const char what[] = "reading large objects";

static void free_state(void *state) {
    XXH3_freeState(state);
}

/* The bytes of a bytea in hex output; false when it is not. */
static bool add_hex(XXH3_state_t *state, const char *text, size_t *length) {
    unsigned char bytes[4096];
    size_t used = 0, total = 0;
    if (text[0] != '\\' || text[1] != 'x')
        return false;
    for (const char *at = text + 2; at[0] != '\0' && at[1] != '\0'; at += 2, total++) {
        int high = at[0] <= '9' ? at[0] - '0' : at[0] - 'a' + 10, low = at[1] <= '9' ? at[1] - '0' : at[1] - 'a' + 10;
        bytes[used++] = (unsigned char)((high << 4) | low);
        if (used == sizeof(bytes)) {
            XXH3_128bits_update(state, bytes, used);
            used = 0;
        }
    }
    XXH3_128bits_update(state, bytes, used);
    *length = total;
    return true;
}

/* One question whose refusal (no right) is an answer: *out is NULL then. */
static Err *ask(Blobs *blobs, Arena *scratch, const char *sql, PGresult **out) {
    Err *err = live_query_run(scratch, blobs->session, sql, what, out);
    if (err == NULL)
        return NULL;
    if (err->kind != ERR_PERMISSION || PQstatus(blobs->session->connection) != CONNECTION_OK)
        return err;
    *out = NULL;
    blobs->refused = true;
    return NULL;
}

/* The rest of an object whose first piece was full. */
static Err *read_rest(Blobs *blobs, const char *number) {
    for (uint64_t offset = PIECE;; offset += PIECE) {
        Arena *scratch = arena_child(blobs->inventory->arena);
        PGresult *result = NULL;
        size_t length = 0;
        const char *sql = arena_printf(scratch, "SELECT lo_get(%s, %" PRIu64 ", %d)", number, offset, PIECE);
        Err *err = ask(blobs, scratch, sql, &result);
        if (err == NULL && result != NULL)
            add_hex(blobs->state, PQgetvalue(result, 0, 0), &length);
        err = err == NULL ? NULL : err_copy(blobs->inventory->arena, err);
        arena_free(scratch);
        TRY(err);
        blobs->inventory->large_object_bytes += length;
        if (length < PIECE || blobs->refused)
            return NULL;
    }
}

static Err *read_object(Blobs *blobs, const char *number, const char *content) {
    size_t length = 0;
    XXH3_128bits_reset(blobs->state);
    XXH3_128bits_update(blobs->state, number, strlen(number));
    XXH3_128bits_update(blobs->state, ":", 1);
    if (!add_hex(blobs->state, content, &length))
        return err_new(blobs->inventory->arena, ERR_SERVER, "%s sent bytea in an unknown form while %s",
                       blobs->session->label, what);
    blobs->inventory->large_object_bytes += length;
    if (length == PIECE)
        TRY(read_rest(blobs, number));
    XXH128_hash_t hash = XXH3_128bits_digest(blobs->state);
    hash_sum_add(&blobs->inventory->large_object_digest, (HashSum){.low = hash.low64, .high = hash.high64});
    return NULL;
}

static Err *read_batch(Blobs *blobs, Arena *scratch, int *count) {
    const char *sql = arena_printf(scratch,
                                   "SELECT m.oid, lo_get(m.oid, 0, %d) FROM pg_largeobject_metadata m"
                                   " WHERE m.oid > %" PRIu64 " ORDER BY m.oid LIMIT %d",
                                   PIECE, blobs->last, BATCH);
    PGresult *result = NULL;
    TRY(ask(blobs, scratch, sql, &result));
    *count = result == NULL ? 0 : PQntuples(result);
    for (int row = 0; row < *count && !blobs->refused; row++) {
        const char *number = PQgetvalue(result, row, 0);
        TRY(read_object(blobs, number, PQgetvalue(result, row, 1)));
        text_to_u64(text_of(number), &blobs->last);
    }
    return NULL;
}

static Err *digest_all(Blobs *blobs) {
    Inventory *inventory = blobs->inventory;
    TRY(live_query_run(inventory->arena, blobs->session, "SAVEPOINT lifeboat; SET LOCAL bytea_output = 'hex'", what,
                       NULL));
    int count = 0;
    do {
        Arena *scratch = arena_child(inventory->arena);
        Err *err = read_batch(blobs, scratch, &count);
        err = err == NULL ? NULL : err_copy(inventory->arena, err);
        arena_free(scratch);
        TRY(err);
    } while (count == BATCH && !blobs->refused);
    inventory->large_objects_digested = !blobs->refused;
    if (blobs->refused)
        inventory->large_object_bytes = 0;
    return live_query_run(inventory->arena, blobs->session, "ROLLBACK TO lifeboat; RELEASE lifeboat", what, NULL);
}

Err *live_blobs(LiveSession *session, bool digest, Inventory *inventory) {
    PGresult *result;
    TRY(live_query_run(inventory->arena, session, "SELECT count(*) FROM pg_largeobject_metadata", what, &result));
    inventory->large_objects_known = text_to_u64(text_of(PQgetvalue(result, 0, 0)), &inventory->large_objects);
    if (!digest)
        return NULL;
    Blobs blobs = {.session = session, .inventory = inventory, .state = XXH3_createState()};
    arena_defer(inventory->arena, free_state, blobs.state);
    return digest_all(&blobs);
}
