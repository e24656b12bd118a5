/* SPDX-License-Identifier: PostgreSQL */
#include <zlib.h>

#include "format/unpack.h"

/* Deflate through zlib: the portable twin of unpack_gzip.c, and the second opinion its tests compare with. */
typedef struct InflateState {
    z_stream stream;
    bool gzip;
} InflateState;

static void release(void *state) {
    inflateEnd(&((InflateState *)state)->stream);
}

/* windowBits: 15 for the largest window, 16 more asks for a gzip wrapper rather than zlib's (zlib.h, inflateInit2). */
static int window_bits(const InflateState *inflate) {
    return inflate->gzip ? 15 + 16 : 15;
}

static void *new_state(Arena *arena, bool gzip) {
    InflateState *inflate = ARENA_NEW(arena, InflateState);
    inflate->gzip = gzip;
    inflateInit2(&inflate->stream, window_bits(inflate));
    arena_defer(arena, release, inflate);
    return inflate;
}

static void *new_gzip(Arena *arena) {
    return new_state(arena, true);
}

static void *new_zlib(Arena *arena) {
    return new_state(arena, false);
}

static void start(void *state) {
    InflateState *inflate = state;
    inflateReset2(&inflate->stream, window_bits(inflate));
}

static UnpackStep step(void *state, UnpackIo *io) {
    z_stream *stream = &((InflateState *)state)->stream;
    stream->next_in = (z_const Bytef *)(uintptr_t)io->in;
    stream->avail_in = (uInt)io->in_left;
    stream->next_out = io->out;
    stream->avail_out = (uInt)io->out_left;
    int code = inflate(stream, Z_NO_FLUSH);
    io->in += io->in_left - stream->avail_in;
    io->in_left = stream->avail_in;
    io->out = stream->next_out;
    io->out_left = stream->avail_out;
    if (code == Z_STREAM_END) {
        io->checked = true;
        return UNPACK_DONE;
    }
    if (code == Z_OK || code == Z_BUF_ERROR)
        return UNPACK_MORE;
    /* zlib's messages are constant strings: "invalid block type", "incorrect data check", ... */
    io->why = stream->msg != NULL ? stream->msg : "the compressed data cannot be decoded";
    return UNPACK_DAMAGED;
}

static bool recognise(Text head) {
    return unpack_gzip.recognise(head);
}

const UnpackMethod unpack_inflate = {.name = "gzip",
                                     .suffix = ".gz",
                                     .concatenated = true,
                                     .recognise = recognise,
                                     .make = new_gzip,
                                     .start = start,
                                     .step = step};

const UnpackMethod unpack_inflate_zlib = {
    .name = "gzip", .suffix = ".gz", .make = new_zlib, .start = start, .step = step};
