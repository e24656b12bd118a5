/* SPDX-License-Identifier: PostgreSQL */
#include <lz4frame.h>
#include <string.h>

#include "format/unpack.h"

/*
 * LZ4 frames (lz4_Frame_format.md). pg_dump writes them without a checksum of the content; whether one was there is
 * told from the descriptor after the magic number: bit 2 content checksum, bit 4 checksums of the blocks.
 */
#define LZ4_HEADER 5 /* magic number and FLG byte */

typedef struct Lz4State {
    LZ4F_dctx *context;
    uint8_t header[LZ4_HEADER];
    size_t header_length;
} Lz4State;

static void release(void *state) {
    LZ4F_freeDecompressionContext(((Lz4State *)state)->context);
}

static void *make(Arena *arena) {
    Lz4State *lz4 = ARENA_NEW(arena, Lz4State);
    LZ4F_createDecompressionContext(&lz4->context, LZ4F_VERSION);
    arena_defer(arena, release, lz4);
    return lz4;
}

static void start(void *state) {
    Lz4State *lz4 = state;
    LZ4F_resetDecompressionContext(lz4->context);
    lz4->header_length = 0;
}

static bool is_frame(const uint8_t *bytes) {
    return bytes[0] == 0x04 && bytes[1] == 0x22 && bytes[2] == 0x4d && bytes[3] == 0x18;
}

/* A skippable frame holds no data, so it needs no checksum. */
static bool has_checksum(const Lz4State *lz4) {
    return lz4->header_length == LZ4_HEADER && (!is_frame(lz4->header) || (lz4->header[4] & (4 | 16)) != 0);
}

static UnpackStep step(void *state, UnpackIo *io) {
    Lz4State *lz4 = state;
    size_t wanted = LZ4_HEADER - lz4->header_length;
    size_t taken = io->in_left < wanted ? io->in_left : wanted;
    if (taken > 0)
        memcpy(lz4->header + lz4->header_length, io->in, taken);
    lz4->header_length += taken;

    size_t in = io->in_left, out = io->out_left;
    size_t code = LZ4F_decompress(lz4->context, io->out, &out, io->in, &in, NULL);
    if (LZ4F_isError(code)) {
        io->why = LZ4F_getErrorName(code); /* constant strings: "ERROR_contentChecksum_invalid" */
        return UNPACK_DAMAGED;
    }
    io->in += in;
    io->in_left -= in;
    io->out += out;
    io->out_left -= out;
    if (code != 0)
        return UNPACK_MORE;
    io->checked = has_checksum(lz4);
    return UNPACK_DONE;
}

static bool recognise(Text head) {
    return head.length >= 4 && is_frame((const uint8_t *)head.at);
}

const UnpackMethod unpack_lz4 = {.name = "lz4",
                                 .suffix = ".lz4",
                                 .concatenated = true,
                                 .recognise = recognise,
                                 .make = make,
                                 .start = start,
                                 .step = step};
