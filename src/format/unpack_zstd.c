/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>
#include <zstd.h>

#include "format/unpack.h"

/*
 * zstd frames (RFC 8878). The window is held to 128 MiB, what `pg_dump --compress=zstd:long` and level 22 need and the
 * library's own default; a hostile frame that asks for more is damage, not memory.
 *
 * pg_dump writes frames without a checksum; whether one was there is told from the frame header: magic number, then a
 * descriptor whose bit 2 is the checksum flag.
 */
#define ZSTD_WINDOW_LOG 27
#define ZSTD_HEADER 5 /* magic number and frame descriptor */

typedef struct ZstdState {
    ZSTD_DStream *stream;
    uint8_t header[ZSTD_HEADER];
    size_t header_length;
} ZstdState;

static void release(void *state) {
    ZSTD_freeDStream(((ZstdState *)state)->stream);
}

static void *make(Arena *arena) {
    ZstdState *zstd = ARENA_NEW(arena, ZstdState);
    zstd->stream = ZSTD_createDStream();
    arena_defer(arena, release, zstd);
    return zstd;
}

static void start(void *state) {
    ZstdState *zstd = state;
    ZSTD_DCtx_reset(zstd->stream, ZSTD_reset_session_only);
    ZSTD_DCtx_setParameter(zstd->stream, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
    zstd->header_length = 0;
}

static bool is_frame(const uint8_t *bytes) {
    return bytes[0] == 0x28 && bytes[1] == 0xb5 && bytes[2] == 0x2f && bytes[3] == 0xfd;
}

/* A skippable frame holds no data, so it needs no checksum. */
static bool has_checksum(const ZstdState *zstd) {
    return zstd->header_length == ZSTD_HEADER && (!is_frame(zstd->header) || (zstd->header[4] & 4) != 0);
}

static UnpackStep step(void *state, UnpackIo *io) {
    ZstdState *zstd = state;
    size_t wanted = ZSTD_HEADER - zstd->header_length;
    size_t taken = io->in_left < wanted ? io->in_left : wanted;
    if (taken > 0)
        memcpy(zstd->header + zstd->header_length, io->in, taken);
    zstd->header_length += taken;

    ZSTD_inBuffer in = {.src = io->in, .size = io->in_left};
    ZSTD_outBuffer out = {.dst = io->out, .size = io->out_left};
    size_t code = ZSTD_decompressStream(zstd->stream, &out, &in);
    io->in += in.pos;
    io->in_left -= in.pos;
    io->out += out.pos;
    io->out_left -= out.pos;
    if (ZSTD_isError(code)) {
        io->why = ZSTD_getErrorName(code); /* constant strings: "Restored data doesn't match checksum" */
        return UNPACK_DAMAGED;
    }
    if (code != 0)
        return UNPACK_MORE;
    io->checked = has_checksum(zstd);
    return UNPACK_DONE;
}

static bool recognise(Text head) {
    return head.length >= 4 && is_frame((const uint8_t *)head.at);
}

const UnpackMethod unpack_zstd = {.name = "zstd",
                                  .suffix = ".zst",
                                  .concatenated = true,
                                  .recognise = recognise,
                                  .make = make,
                                  .start = start,
                                  .step = step};
