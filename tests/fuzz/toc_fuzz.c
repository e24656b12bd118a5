/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/hash.h"
#include "pg/toc.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct Feed {
    Text rest;
    size_t piece;
} Feed;

static Err *more(void *context, Text *piece) {
    Feed *feed = context;
    *piece = text_slice(feed->rest, 0, feed->piece);
    feed->rest = text_slice(feed->rest, piece->length, feed->rest.length);
    return NULL;
}

static uint64_t mix(uint64_t seen, const char *string) {
    return seen * 31 + hash_row(string, strlen(string)).low;
}

/* What was read, as one number; an error counts with its words. */
static uint64_t read_all(Text data, size_t piece) {
    Arena *arena = arena_new();
    Feed feed = {.rest = data, .piece = piece};
    Toc *toc = toc_new(arena, more, &feed, data.length);
    TocHeader header = {0};
    Err *err = toc_header(toc, &header);
    uint64_t seen = header.entries, count = 0;
    const TocEntry *entry = NULL;
    while (err == NULL && (err = toc_next(toc, &entry)) == NULL && entry != NULL) {
        seen = mix(mix(mix(mix(seen, entry->tag), entry->desc), entry->definition), entry->copy);
        seen = mix(mix(mix(seen, entry->schema), entry->owner), entry->drop) + entry->offset + entry->id;
        if (++count > data.length || toc_offset(toc) > data.length)
            __builtin_trap();
    }
    if (err != NULL)
        seen = mix(seen, err_text(arena, err));
    /* a few hundred bytes of work for each byte that came, and the buffers: never what a length claims */
    if (arena_used(arena) > (size_t)1 << 20 && arena_used(arena) > 4096 * (data.length + 1))
        __builtin_trap();
    arena_free(arena);
    return seen;
}

/* However the bytes arrive, the same is read. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Text data = {(const char *)bytes, size};
    uint64_t whole = read_all(data, size + 1);
    if (whole != read_all(data, 1 + size / 256) || whole != read_all(data, 13 + size / 64))
        __builtin_trap();
    return 0;
}
