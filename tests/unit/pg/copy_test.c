/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "pg/copy.h"

static const CopyResult *run(Copy *copy, Text bytes, size_t piece, int64_t columns, size_t *used) {
    Arena *arena = arena_new();
    copy_start(copy, columns);
    size_t at = 0;
    bool ended = false;
    while (at < bytes.length && !ended) {
        Text part = text_slice(bytes, at, at + piece);
        /* Its own memory, so that ASan sees a read past the piece. */
        part.at = arena_strndup(arena, part.at, part.length);
        size_t taken;
        copy_feed(copy, part, &taken, &ended);
        assert_true(taken <= part.length);
        assert_true(ended || taken == part.length);
        at += taken;
    }
    *used = at;
    arena_free(arena);
    return copy_finish(copy);
}

/* What the scanners must agree with: one byte at a time, one row at a time, hash_row. */
static CopyResult plain_reading(Text bytes) {
    CopyResult result = {0};
    size_t row = 0;
    for (size_t at = 0; at < bytes.length; at++) {
        if (bytes.at[at] != '\n')
            continue;
        if (at - row == 2 && memcmp(bytes.at + row, "\\.", 2) == 0)
            break;
        result.rows++;
        result.bytes += at - row + 1;
        hash_sum_add(&result.digest, hash_row(bytes.at + row, at - row));
        row = at + 1;
    }
    return result;
}

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Rows of `columns` values with lengths that cross every border of 64 bytes and of the pieces. */
static Text random_rows(Arena *arena, uint32_t seed, size_t rows, int columns, uint32_t longest) {
    Buf *buf = buf_new(arena, (size_t)64 << 20);
    for (size_t row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            if (column > 0)
                buf_byte(buf, '\t');
            uint32_t length = next_random(&seed) % longest;
            for (uint32_t i = 0; i < length; i++)
                buf_byte(buf, (char)(' ' + next_random(&seed) % 200));
        }
        buf_byte(buf, '\n');
    }
    buf_string(buf, "\\.\n");
    return buf_view(buf);
}

static void counts_and_digests_in_any_pieces(void **state) {
    (void)state;
    static const size_t pieces[] = {1, 2, 3, 31, 63, 64, 65, 100, 4096, 262144};
    static const struct {
        size_t rows;
        int columns;
        uint32_t longest;
    } shapes[] = {{0, 1, 1}, {1, 1, 5}, {300, 1, 3}, {200, 5, 20}, {100, 3, 200}, {20, 2, 2000}, {3, 4, 30000}};
    for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
        for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
            Arena *arena = arena_new();
            Text bytes = random_rows(arena, (uint32_t)s, shapes[s].rows, shapes[s].columns, shapes[s].longest);
            CopyResult expected = plain_reading(bytes);
            assert_int_equal(expected.rows, shapes[s].rows);
            Copy *copies[] = {copy_new(arena), copy_new_portable(arena)};
            for (int c = 0; c < 2; c++) {
                size_t used;
                const CopyResult *result = run(copies[c], bytes, pieces[p], shapes[s].columns, &used);
                assert_int_equal(result->problem, COPY_FINE);
                assert_int_equal(result->rows, expected.rows);
                assert_int_equal(result->bytes, expected.bytes);
                assert_true(hash_sum_equal(result->digest, expected.digest));
                assert_true(result->ended);
                assert_int_equal(used, bytes.length);
            }
            arena_free(arena);
        }
    }
}

static void order_does_not_matter_and_content_does(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Copy *copy = copy_new(arena);
    size_t used;
    HashSum first = run(copy, TEXT("1\ta\n2\tb\n\\.\n"), 100, 2, &used)->digest;
    HashSum swapped = run(copy, TEXT("2\tb\n1\ta\n\\.\n"), 100, 2, &used)->digest;
    HashSum changed = run(copy, TEXT("1\tb\n2\ta\n\\.\n"), 100, 2, &used)->digest;
    HashSum doubled = run(copy, TEXT("1\ta\n1\ta\n2\tb\n\\.\n"), 100, 2, &used)->digest;
    assert_true(hash_sum_equal(first, swapped));
    assert_false(hash_sum_equal(first, changed));
    assert_false(hash_sum_equal(first, doubled));
    arena_free(arena);
}

typedef struct Case {
    const char *name;
    Text bytes;
    int64_t columns;
    CopyProblem problem;
    uint64_t rows, row, values, wrong_rows;
    size_t used;
} Case;

#define ALL(literal) TEXT(literal)
static void tells_what_is_wrong(void **state) {
    (void)state;
    const Case cases[] = {
        {"control", ALL("1\ta\n2\tb\n\\.\n"), 2, COPY_FINE, 2, 0, 0, 0, 11},
        {"bytes after the end are left", ALL("1\n\\.\n\n\n"), 1, COPY_FINE, 1, 0, 0, 0, 5},
        {"empty", ALL("\\.\n"), 3, COPY_FINE, 0, 0, 0, 0, 3},
        {"nothing at all", ALL(""), 3, COPY_NO_END, 0, 0, 0, 0, 0},
        {"one value too few", ALL("1\ta\n2\n3\tc\n\\.\n"), 2, COPY_COLUMNS, 3, 2, 1, 1, 13},
        {"one value too many", ALL("1\ta\t\n2\tb\t\n\\.\n"), 2, COPY_COLUMNS, 2, 1, 3, 2, 13},
        {"no columns", ALL("\n\n\n\\.\n"), 0, COPY_FINE, 3, 0, 0, 0, 6},
        {"a value without a column", ALL("\nx\n\\.\n"), 0, COPY_COLUMNS, 2, 2, 1, 1, 6},
        {"unknown columns", ALL("1\t2\n3\t4\n\\.\n"), COPY_COLUMNS_UNKNOWN, COPY_FINE, 2, 0, 0, 0, 11},
        {"unknown columns that vary", ALL("1\t2\n3\n\\.\n"), COPY_COLUMNS_UNKNOWN, COPY_COLUMNS, 2, 2, 1, 1, 9},
        {"NUL", ALL("1\ta\n2\t\0\n\\.\n"), 2, COPY_NUL, 2, 3, 0, 0, 11},
        {"no end", ALL("1\ta\n2\tb\n"), 2, COPY_NO_END, 2, 2, 0, 0, 8},
        {"cut in a row", ALL("1\ta\n2\t"), 2, COPY_CUT, 1, 2, 0, 0, 6},
        {"cut in the end", ALL("1\ta\n\\."), 2, COPY_CUT, 1, 2, 0, 0, 6},
        {"an escaped end is a row", ALL("\\\\.\n\\.\n"), 1, COPY_FINE, 1, 0, 0, 0, 7},
        {"an end with more on its line is a row", ALL("\\. \n\\.\n"), 1, COPY_FINE, 1, 0, 0, 0, 7},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        for (size_t piece = 1; piece < 20; piece++) {
            Arena *arena = arena_new();
            Copy *copies[] = {copy_new(arena), copy_new_portable(arena)};
            for (int k = 0; k < 2; k++) {
                size_t used;
                const CopyResult *result = run(copies[k], cases[c].bytes, piece, cases[c].columns, &used);
                if (result->problem != cases[c].problem || result->rows != cases[c].rows)
                    fail_msg("%s, pieces of %zu: %s after %d rows", cases[c].name, piece,
                             copy_problem_text(arena, result, cases[c].columns), (int)result->rows);
                assert_int_equal(result->values, cases[c].values);
                assert_int_equal(result->wrong_rows, cases[c].wrong_rows);
                if (result->problem != COPY_NUL) /* is told at the end of the piece */
                    assert_int_equal(result->row, cases[c].row);
                assert_int_equal(used, cases[c].used);
                assert_non_null(copy_problem_text(arena, result, cases[c].columns));
            }
            arena_free(arena);
        }
    }
}

/* One flipped byte anywhere changes the count, the digest or the judgement. */
static void sees_every_changed_byte(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Text bytes = random_rows(arena, 7, 20, 3, 60);
    Copy *copy = copy_new(arena);
    size_t used;
    CopyResult whole = *run(copy, bytes, 333, 3, &used);
    char *changed = text_dup(arena, bytes);
    for (size_t at = 0; at < bytes.length; at++) {
        for (int bit = 0; bit < 8; bit++) {
            changed[at] ^= (char)(1 << bit);
            const CopyResult *result = run(copy, (Text){changed, bytes.length}, 333, 3, &used);
            changed[at] ^= (char)(1 << bit);
            assert_true(result->problem != COPY_FINE || result->rows != whole.rows || used != bytes.length ||
                        !hash_sum_equal(result->digest, whole.digest));
        }
    }
    arena_free(arena);
}

static void gives_up_on_an_endless_row(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Copy *copy = copy_new(arena);
    size_t size = (size_t)8 << 20, used = 0, fed = 0;
    Text zeros = {.at = memset(arena_alloc(arena, size), 'x', size), .length = size};
    copy_start(copy, 1);
    bool ended = false;
    for (; fed < 2 * COPY_ROW_MAXIMUM; fed += size)
        copy_feed(copy, zeros, &used, &ended);
    const CopyResult *result = copy_finish(copy);
    assert_int_equal(result->problem, COPY_LONG_ROW);
    assert_int_equal(result->row, 1);
    assert_false(ended);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_digests_in_any_pieces),
        cmocka_unit_test(order_does_not_matter_and_content_does),
        cmocka_unit_test(tells_what_is_wrong),
        cmocka_unit_test(sees_every_changed_byte),
        cmocka_unit_test(gives_up_on_an_endless_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
