/* SPDX-License-Identifier: PostgreSQL */
#include "base/hash.h"
#include "pg/copy.h"
#include "pg/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Everything the sink was told, as one number. COPY data ends as copy.h says. */
typedef struct Seen {
    uint64_t digest;
    Copy *copy;
    bool copying;
} Seen;

static void mix(Seen *seen, uint64_t kind, const SqlStatement *what) {
    if (seen->copying) {
        const CopyResult *result = copy_finish(seen->copy);
        seen->digest = seen->digest * 31 + result->rows + result->digest.low + (uint64_t)result->problem;
        seen->copying = false;
    }
    seen->digest = seen->digest * 31 + kind + hash_row(what->text.at, what->text.length).low + what->length +
                   what->offset + what->oversized;
}

static Err *statement(void *context, const SqlStatement *what) {
    mix(context, 1, what);
    return NULL;
}

static Err *insert(void *context, const SqlInsert *what) {
    mix(context, 2 + what->rows * 8 + what->counted, &what->head);
    return NULL;
}

static Err *command(void *context, const SqlStatement *what, bool inside) {
    mix(context, 3 + inside, what);
    return NULL;
}

static Err *comment(void *context, const SqlStatement *what) {
    mix(context, 5, what);
    return NULL;
}

static Err *copy(void *context, Text bytes, size_t *used, bool *ended) {
    Seen *seen = context;
    if (!seen->copying)
        copy_start(seen->copy, COPY_COLUMNS_UNKNOWN);
    seen->copying = true;
    copy_feed(seen->copy, bytes, used, ended);
    return NULL;
}

static uint64_t read_all(Text data, size_t piece) {
    Arena *arena = arena_new();
    Seen seen = {.copy = copy_new(arena)};
    Sql *sql = sql_new(arena, &(SqlSink){&seen, statement, insert, command, comment, copy});
    for (size_t at = 0; at < data.length; at += piece) {
        if (sql_feed(sql, text_slice(data, at, at + piece)) != NULL)
            __builtin_trap(); /* no script is unreadable, and this sink never fails */
    }
    SqlEnd end = {0};
    if (sql_finish(sql, &end) != NULL || end.bytes != data.length)
        __builtin_trap();
    mix(&seen, 6 + (uint64_t)end.open, &end.statement);
    arena_free(arena);
    return seen.digest;
}

/* However the bytes arrive, the same is read. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Text data = {(const char *)bytes, size};
    uint64_t whole = read_all(data, size + 1);
    if (whole != read_all(data, 1 + size / 256) || whole != read_all(data, 7 + size / 64))
        __builtin_trap();
    return 0;
}
