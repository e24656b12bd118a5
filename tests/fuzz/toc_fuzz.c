/* SPDX-License-Identifier: PostgreSQL */
#include "pg/toc.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct Pieces {
    Text bytes;
    size_t at, size;
} Pieces;

static Err *next_piece(void *context, Text *piece) {
    Pieces *pieces = context;
    *piece = text_slice(pieces->bytes, pieces->at, pieces->at + pieces->size);
    pieces->at += piece->length;
    return NULL;
}

/* Where the reader ended, and how: the same for the same bytes however they are cut. */
typedef struct Outcome {
    uint64_t entries, offset;
    bool failed;
} Outcome;

static Err *read_entries(Toc *toc, Outcome *out) {
    TocHeader header;
    TRY(toc_header(toc, &header));
    for (;;) {
        const TocEntry *entry;
        TRY(toc_next(toc, &entry));
        if (entry == NULL)
            return NULL;
        out->entries++;
    }
}

static Outcome read_toc(Text bytes, size_t piece) {
    Arena *arena = arena_new();
    Pieces pieces = {.bytes = bytes, .size = piece};
    Toc *toc = toc_new(arena, next_piece, &pieces, bytes.length);
    Outcome outcome = {0};
    outcome.failed = read_entries(toc, &outcome) != NULL;
    outcome.offset = toc_offset(toc);
    if (outcome.offset > bytes.length || arena_used(arena) > 100000 + 20 * bytes.length)
        __builtin_trap();
    arena_free(arena);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Text text = {(const char *)bytes, size};
    Outcome whole = read_toc(text, size + 1), cut = read_toc(text, 7);
    if (whole.entries != cut.entries || whole.failed != cut.failed || (!whole.failed && whole.offset != cut.offset))
        __builtin_trap();
    return 0;
}
