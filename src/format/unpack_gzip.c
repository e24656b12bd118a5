/* SPDX-License-Identifier: PostgreSQL */
#include "format/unpack.h"

static bool recognise(Text head) {
    return head.length >= 3 && (uint8_t)head.at[0] == 0x1f && (uint8_t)head.at[1] == 0x8b && head.at[2] == 8;
}

#ifdef LIFEBOAT_ISAL

#include <isa-l/igzip_lib.h>

/*
 * Deflate through ISA-L (igzip): more than twice as fast as zlib. gzip files (RFC 1952) and zlib streams (RFC 1950);
 * the CRC-32 and length, or the Adler-32, at the end are verified by the library because crc_flag asks for it.
 */
typedef struct GzipState {
    struct inflate_state inflate;
    uint32_t wrapper; /* ISAL_GZIP or ISAL_ZLIB */
} GzipState;

static void *new_state(Arena *arena, uint32_t wrapper) {
    GzipState *state = ARENA_NEW(arena, GzipState);
    state->wrapper = wrapper;
    return state;
}

static void *new_gzip(Arena *arena) {
    return new_state(arena, ISAL_GZIP);
}

static void *new_zlib(Arena *arena) {
    return new_state(arena, ISAL_ZLIB);
}

static void start(void *state) {
    GzipState *gzip = state;
    isal_inflate_init(&gzip->inflate);
    gzip->inflate.crc_flag = gzip->wrapper;
}

static const char *reason(int code) {
    switch (code) {
    case ISAL_INVALID_BLOCK:
        return "the compressed data has an invalid block";
    case ISAL_INVALID_SYMBOL:
        return "the compressed data has an invalid code";
    case ISAL_INVALID_LOOKBACK:
        return "the compressed data refers back to before its beginning";
    case ISAL_INVALID_WRAPPER:
        return "the compressed data has an invalid header";
    case ISAL_UNSUPPORTED_METHOD:
        return "the compressed data uses an unknown method";
    case ISAL_INCORRECT_CHECKSUM:
        return "the checksum of the compressed data does not match";
    case ISAL_NEED_DICT:
        return "the compressed data asks for a dictionary";
    default:
        return "the compressed data cannot be decoded";
    }
}

static UnpackStep step(void *state, UnpackIo *io) {
    struct inflate_state *inflate = &((GzipState *)state)->inflate;
    /* Pieces are far smaller than 4 GiB (FORMAT_BUFFER), so the 32-bit counters hold them. */
    inflate->next_in = (uint8_t *)(uintptr_t)io->in;
    inflate->avail_in = (uint32_t)io->in_left;
    inflate->next_out = io->out;
    inflate->avail_out = (uint32_t)io->out_left;
    int code = isal_inflate(inflate);
    io->in += io->in_left - inflate->avail_in;
    io->in_left = inflate->avail_in;
    io->out = inflate->next_out;
    io->out_left = inflate->avail_out;
    if (code != ISAL_DECOMP_OK) {
        io->why = reason(code);
        return UNPACK_DAMAGED;
    }
    if (inflate->block_state != ISAL_BLOCK_FINISH)
        return UNPACK_MORE;
    /* The library reads ahead by up to eight bytes: more than a zlib stream's trailer, as much as a gzip file's. */
    io->overran = inflate->read_in_length >= 8;
    io->checked = true;
    return UNPACK_DONE;
}

#else

/* Built without ISA-L: zlib does it (unpack_inflate.c). Both kinds of stream differ only in how a state is made. */
static void *new_gzip(Arena *arena) {
    return unpack_inflate.make(arena);
}

static void *new_zlib(Arena *arena) {
    return unpack_inflate_zlib.make(arena);
}

static void start(void *state) {
    unpack_inflate.start(state);
}

static UnpackStep step(void *state, UnpackIo *io) {
    return unpack_inflate.step(state, io);
}

#endif

const UnpackMethod unpack_gzip = {.name = "gzip",
                                  .suffix = ".gz",
                                  .concatenated = true,
                                  .recognise = recognise,
                                  .make = new_gzip,
                                  .start = start,
                                  .step = step};

const UnpackMethod unpack_gzip_zlib = {.name = "gzip", .suffix = ".gz", .make = new_zlib, .start = start, .step = step};
