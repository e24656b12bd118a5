/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "format/unpack.h"

/* Gives the bytes in pieces of `size`, each in memory of its own length so that reading past it is seen by ASan. */
typedef struct Pieces {
    Arena *arena;
    Text bytes;
    size_t at, size;
} Pieces;

static Err *next_piece(void *context, Text *piece) {
    Pieces *pieces = context;
    *piece = text_slice(pieces->bytes, pieces->at, pieces->at + pieces->size);
    pieces->at += piece->length;
    if (piece->length > 0)
        piece->at = arena_strndup(pieces->arena, piece->at, piece->length);
    return NULL;
}

typedef struct Outcome {
    Buf *plain;
    UnpackDamage damage;
    bool checked;
} Outcome;

static Outcome unpack_all(Arena *arena, const UnpackMethod *method, Text packed, size_t size) {
    Pieces pieces = {.arena = arena, .bytes = packed, .size = size};
    Unpack *unpack = unpack_new(arena);
    Outcome outcome = {.plain = buf_new(arena, (size_t)64 << 20)};
    unpack_start(unpack, method, next_piece, &pieces);
    for (;;) {
        Text plain;
        assert_null(unpack_next(unpack, &plain));
        if (plain.length == 0)
            break;
        assert_true(buf_append(outcome.plain, plain.at, plain.length));
    }
    outcome.damage = *unpack_damage(unpack);
    outcome.checked = unpack_checked(unpack);
    return outcome;
}

/* Rows that look like a table's: compressible, never repeating exactly. */
static Text sample(Arena *arena, size_t size) {
    Buf *buf = buf_new(arena, size + 256);
    uint32_t random = 12345;
    for (uint32_t row = 0; buf->length < size; row++) {
        random = random * 1664525 + 1013904223;
        buf_printf(buf, "%u\tname %u\t2026-01-%02u 10:00:00+00\t%08x%08x\n", row, random % 977, row % 28 + 1, random,
                   random ^ row);
    }
    return (Text){.at = buf->at, .length = size};
}

static Text pack_deflate(Arena *arena, Text plain, int window_bits) {
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&stream, plain.length) + 64;
    char *packed = arena_alloc(arena, room);
    stream.next_in = (z_const Bytef *)(uintptr_t)plain.at;
    stream.avail_in = (uInt)plain.length;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return (Text){.at = packed, .length = room - stream.avail_out};
}

static Text pack_gzip(Arena *arena, Text plain) {
    return pack_deflate(arena, plain, 15 + 16);
}

static Text pack_zlib(Arena *arena, Text plain) {
    return pack_deflate(arena, plain, 15);
}

static Text pack_zstd_as(Arena *arena, Text plain, int checksum) {
    size_t room = ZSTD_compressBound(plain.length);
    char *packed = arena_alloc(arena, room);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum);
    size_t length = ZSTD_compress2(context, packed, room, plain.at, plain.length);
    assert_false(ZSTD_isError(length));
    ZSTD_freeCCtx(context);
    return (Text){.at = packed, .length = length};
}

static Text pack_zstd(Arena *arena, Text plain) {
    return pack_zstd_as(arena, plain, 1);
}

static Text pack_zstd_unchecked(Arena *arena, Text plain) {
    return pack_zstd_as(arena, plain, 0);
}

static Text pack_lz4_as(Arena *arena, Text plain, LZ4F_contentChecksum_t checksum) {
    LZ4F_preferences_t preferences = {.frameInfo.contentChecksumFlag = checksum};
    size_t room = LZ4F_compressFrameBound(plain.length, &preferences);
    char *packed = arena_alloc(arena, room);
    size_t length = LZ4F_compressFrame(packed, room, plain.at, plain.length, &preferences);
    assert_false(LZ4F_isError(length));
    return (Text){.at = packed, .length = length};
}

static Text pack_lz4(Arena *arena, Text plain) {
    return pack_lz4_as(arena, plain, LZ4F_contentChecksumEnabled);
}

static Text pack_lz4_unchecked(Arena *arena, Text plain) {
    return pack_lz4_as(arena, plain, LZ4F_noContentChecksum);
}

typedef struct Case {
    const char *name;
    const UnpackMethod *method;
    Text (*pack)(Arena *arena, Text plain);
    bool checked;
} Case;

static const Case cases[] = {
    {"gzip, ISA-L", &unpack_gzip, pack_gzip, true},
    {"gzip, zlib", &unpack_inflate, pack_gzip, true},
    {"zlib stream, ISA-L", &unpack_gzip_zlib, pack_zlib, true},
    {"zlib stream, zlib", &unpack_inflate_zlib, pack_zlib, true},
    {"zstd with checksum", &unpack_zstd, pack_zstd, true},
    {"zstd without", &unpack_zstd, pack_zstd_unchecked, false},
    {"lz4 with checksum", &unpack_lz4, pack_lz4, true},
    {"lz4 without", &unpack_lz4, pack_lz4_unchecked, false},
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static bool same(const Buf *buf, Text text) {
    return buf->length == text.length && (text.length == 0 || memcmp(buf->at, text.at, text.length) == 0);
}

static void gives_back_what_was_packed(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 100, 70000, 262144, 262145, 3000000};
    static const size_t pieces[] = {1, 3, 100, 4091, 65536, 262144, (size_t)64 << 20};
    for (size_t c = 0; c < CASES; c++) {
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            Arena *arena = arena_new();
            Text plain = sample(arena, sizes[s]);
            Text packed = cases[c].pack(arena, plain);
            for (size_t p = sizes[s] > 100000 ? 2 : 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
                Arena *run = arena_child(arena);
                Outcome outcome = unpack_all(run, cases[c].method, packed, pieces[p]);
                assert_null(outcome.damage.message);
                assert_true(same(outcome.plain, plain));
                assert_int_equal(outcome.checked, cases[c].checked);
                arena_free(run);
            }
            arena_free(arena);
        }
    }
}

static void finds_every_cut(void **state) {
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        Arena *arena = arena_new();
        Text packed = cases[c].pack(arena, sample(arena, 2000));
        for (size_t length = 0; length < packed.length; length++) {
            Arena *run = arena_child(arena);
            Outcome outcome = unpack_all(run, cases[c].method, text_slice(packed, 0, length), 37);
            assert_non_null(outcome.damage.message);
            assert_int_equal(outcome.damage.kind, BACKUP_DEFECT_TRUNCATED);
            arena_free(run);
        }
        arena_free(arena);
    }
}

/* With a checksum every flipped bit is found, but for those that change nothing: a reference to an equal string
 * elsewhere, a frame header's hint. Without a checksum it may go unseen, but never crashes and always ends. */
static void finds_every_flip(void **state) {
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        Arena *arena = arena_new();
        Text plain = sample(arena, 3000);
        Text packed = cases[c].pack(arena, plain);
        char *bytes = text_dup(arena, packed);
        size_t unseen = 0;
        for (size_t bit = 0; bit < packed.length * 8; bit++) {
            Arena *run = arena_child(arena);
            bytes[bit / 8] ^= (char)(1 << (bit % 8));
            Outcome outcome = unpack_all(run, cases[c].method, (Text){bytes, packed.length}, 512);
            bytes[bit / 8] ^= (char)(1 << (bit % 8));
            if (outcome.damage.message == NULL && outcome.checked) {
                assert_true(same(outcome.plain, plain));
                unseen++;
            }
            arena_free(run);
        }
        /* 72 bits of the gzip header (time, system, ...) are covered by nothing. */
        assert_true(unseen < 100);
        arena_free(arena);
    }
}

static void libraries_agree_on_damage(void **state) {
    (void)state;
    static const size_t pairs[][2] = {{0, 1}, {2, 3}};
    for (size_t p = 0; p < 2; p++) {
        Arena *arena = arena_new();
        Text packed = cases[pairs[p][0]].pack(arena, sample(arena, 3000));
        char *bytes = text_dup(arena, packed);
        for (size_t bit = 0; bit < packed.length * 8; bit++) {
            Arena *run = arena_child(arena);
            bytes[bit / 8] ^= (char)(1 << (bit % 8));
            Outcome left = unpack_all(run, cases[pairs[p][0]].method, (Text){bytes, packed.length}, 4096);
            Outcome right = unpack_all(run, cases[pairs[p][1]].method, (Text){bytes, packed.length}, 4096);
            bytes[bit / 8] ^= (char)(1 << (bit % 8));
            /* Flags of the gzip header: zlib refuses reserved ones and ISA-L reads past them. */
            if (p == 0 && bit / 8 == 3)
                continue;
            if ((left.damage.message == NULL) != (right.damage.message == NULL))
                fail_msg("pair %zu, bit %zu: one finds damage, the other does not (%s / %s)", p, bit,
                         left.damage.message, right.damage.message);
            arena_free(run);
        }
        arena_free(arena);
    }
}

static void finds_bytes_after_the_end(void **state) {
    (void)state;
    static const char *const garbage[] = {"x", "garbage", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "\x1f"};
    static const size_t lengths[] = {1, 7, 20, 1};
    for (size_t c = 0; c < CASES; c++) {
        for (size_t g = 0; g < 3; g++) {
            Arena *arena = arena_new();
            Text packed = cases[c].pack(arena, sample(arena, 5000));
            Buf *both = buf_new(arena, 1 << 20);
            buf_text(both, packed);
            buf_append(both, garbage[g], lengths[g]);
            Outcome outcome = unpack_all(arena, cases[c].method, buf_view(both), 1000);
            if (outcome.damage.message == NULL)
                fail_msg("%s: garbage %zu unseen", cases[c].name, g);
            assert_true(outcome.damage.kind == BACKUP_DEFECT_UNEXPECTED ||
                        outcome.damage.kind == BACKUP_DEFECT_TRUNCATED);
            arena_free(arena);
        }
    }
}

static void files_may_hold_several_streams(void **state) {
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        Arena *arena = arena_new();
        Text plain = sample(arena, 5000);
        Buf *packed = buf_new(arena, 1 << 20);
        buf_text(packed, cases[c].pack(arena, text_slice(plain, 0, 2000)));
        buf_text(packed, cases[c].pack(arena, text_slice(plain, 2000, 5000)));
        Outcome outcome = unpack_all(arena, cases[c].method, buf_view(packed), 999);
        if (cases[c].method->concatenated) {
            assert_null(outcome.damage.message);
            assert_true(same(outcome.plain, plain));
        } else {
            assert_int_equal(outcome.damage.kind, BACKUP_DEFECT_UNEXPECTED);
            assert_non_null(outcome.damage.message);
        }
        arena_free(arena);
    }
}

/* One state serves many streams, damaged ones among them. */
static void starts_anew_after_damage(void **state) {
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        Arena *arena = arena_new();
        Text plain = sample(arena, 5000);
        Text packed = cases[c].pack(arena, plain);
        Unpack *unpack = unpack_new(arena);
        for (int round = 0; round < 6; round++) {
            Pieces pieces = {
                .arena = arena, .bytes = text_slice(packed, 0, round % 2 == 0 ? packed.length : 300), .size = 50};
            unpack_start(unpack, cases[c].method, next_piece, &pieces);
            size_t length = 0;
            Text piece;
            do {
                assert_null(unpack_next(unpack, &piece));
                length += piece.length;
            } while (piece.length > 0);
            assert_int_equal(unpack_damage(unpack)->message == NULL, round % 2 == 0);
            if (round % 2 == 0)
                assert_int_equal(length, plain.length);
        }
        arena_free(arena);
    }
}

static void bombs_come_in_bounded_pieces(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Text zeros = {.at = arena_alloc(arena, (size_t)16 << 20), .length = (size_t)16 << 20};
    for (size_t c = 0; c < CASES; c++) {
        Text packed = cases[c].pack(arena, zeros);
        Arena *run = arena_child(arena);
        Pieces pieces = {.arena = run, .bytes = packed, .size = packed.length};
        Unpack *unpack = unpack_new(run);
        unpack_start(unpack, cases[c].method, next_piece, &pieces);
        uint64_t total = 0;
        Text piece;
        do {
            assert_null(unpack_next(unpack, &piece));
            assert_true(piece.length <= (size_t)256 * 1024);
            total += piece.length;
        } while (piece.length > 0);
        assert_int_equal(total, zeros.length);
        assert_true(arena_used(run) < ((size_t)2 << 20));
        arena_free(run);
    }
    arena_free(arena);
}

static void refuses_a_window_of_gigabytes(void **state) {
    (void)state;
    /* Magic number, descriptor without single segment, window descriptor 2^(10+21). */
    static const char frame[] = "\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00";
    Arena *arena = arena_new();
    Outcome outcome = unpack_all(arena, &unpack_zstd, (Text){frame, sizeof(frame) - 1}, 100);
    assert_non_null(outcome.damage.message);
    assert_int_equal(outcome.damage.kind, BACKUP_DEFECT_DECODE);
    arena_free(arena);
}

static void tells_kinds_by_content(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Text plain = sample(arena, 100);
    assert_ptr_equal(unpack_recognise(pack_gzip(arena, plain)), &unpack_gzip);
    assert_ptr_equal(unpack_recognise(pack_zstd(arena, plain)), &unpack_zstd);
    assert_ptr_equal(unpack_recognise(pack_lz4(arena, plain)), &unpack_lz4);
    assert_ptr_equal(unpack_recognise(plain), &unpack_none);
    assert_ptr_equal(unpack_recognise((Text){0}), &unpack_none);
    assert_ptr_equal(unpack_recognise(TEXT("\x1f\x8b")), &unpack_none);
    arena_free(arena);
}

static void none_gives_bytes_through(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Text plain = sample(arena, 5000);
    Outcome outcome = unpack_all(arena, &unpack_none, plain, 77);
    assert_null(outcome.damage.message);
    assert_true(same(outcome.plain, plain));
    assert_false(outcome.checked);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_packed),
        cmocka_unit_test(finds_every_cut),
        cmocka_unit_test(finds_every_flip),
        cmocka_unit_test(libraries_agree_on_damage),
        cmocka_unit_test(finds_bytes_after_the_end),
        cmocka_unit_test(files_may_hold_several_streams),
        cmocka_unit_test(starts_anew_after_damage),
        cmocka_unit_test(bombs_come_in_bounded_pieces),
        cmocka_unit_test(refuses_a_window_of_gigabytes),
        cmocka_unit_test(tells_kinds_by_content),
        cmocka_unit_test(none_gives_bytes_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
