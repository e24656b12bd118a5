/* SPDX-License-Identifier: PostgreSQL */
#include "pg/copy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static CopyResult feed(Arena *arena, Copy *copy, Text data, size_t piece) {
    copy_start(copy, COPY_COLUMNS_UNKNOWN);
    bool ended = false;
    for (size_t at = 0; at < data.length && !ended;) {
        Text part = text_slice(data, at, at + piece);
        size_t used = part.length;
        copy_feed(copy, part, &used, &ended);
        if (used > part.length || (used == 0 && !ended))
            __builtin_trap();
        at += used;
    }
    CopyResult result = *copy_finish(copy);
    if (copy_problem_text(arena, &result, COPY_COLUMNS_UNKNOWN) == NULL && result.problem != COPY_FINE)
        __builtin_trap();
    return result;
}

static void same(CopyResult a, CopyResult b) {
    if (a.problem != COPY_NUL && b.problem != COPY_NUL &&
        (a.rows != b.rows || a.bytes != b.bytes || !hash_sum_equal(a.digest, b.digest) || a.ended != b.ended ||
         a.problem != b.problem || a.wrong_rows != b.wrong_rows))
        __builtin_trap();
}

/* The same bytes give the same rows and digest whichever scanner reads them and however they are cut. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 1)
        return 0;
    Arena *arena = arena_new();
    Text data = {(const char *)bytes + 1, size - 1};
    Copy *fast = copy_new(arena), *portable = copy_new_portable(arena);
    CopyResult whole = feed(arena, fast, data, size);
    same(whole, feed(arena, portable, data, size));
    same(whole, feed(arena, fast, data, 1 + (size_t)bytes[0] % 97));
    same(whole, feed(arena, portable, data, 1 + (size_t)bytes[0] % 13));
    arena_free(arena);
    return 0;
}
