/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"

static void sums_do_not_depend_on_order_and_carry(void **state) {
    HashSum a = hash_row("one", 3), b = hash_row("two", 3), c = hash_row("", 0);
    HashSum left = {0}, right = {0};
    hash_sum_add(&left, a);
    hash_sum_add(&left, b);
    hash_sum_add(&left, c);
    hash_sum_add(&right, c);
    hash_sum_add(&right, b);
    hash_sum_add(&right, a);
    assert_true(hash_sum_equal(left, right));
    assert_false(hash_sum_equal(left, a));
    HashSum carry = {.low = UINT64_MAX, .high = 1};
    hash_sum_add(&carry, (HashSum){.low = 1, .high = 0});
    assert_true(hash_sum_equal(carry, (HashSum){.low = 0, .high = 2}));
}

/* XXH3_128bits("", 0) and of "abc" with seed 0, from xxhsum -H2 of xxHash 0.8.1: the digest is a public format. */
static void rows_have_the_published_hash(void **state) {
    Arena *arena = arena_new();
    assert_string_equal(hash_sum_text(arena, hash_row("", 0)), "99aa06d3014798d86001c324468d497f");
    assert_string_equal(hash_sum_text(arena, hash_row("abc", 3)), "06b05ab6733a618578af5f94892f3950");
    arena_free(arena);
}

static void text_form_round_trips_and_refuses_the_rest(void **state) {
    static const char *const refused[] = {"", "00", "0123456789abcdef0123456789abcdeg",
                                          "0123456789ABCDEF0123456789abcdef", "0123456789abcdef0123456789abcdef0"};
    Arena *arena = arena_new();
    HashSum back = {0}, sum = {.low = 0x0123456789abcdef, .high = 0xfedcba9876543210};
    assert_string_equal(hash_sum_text(arena, sum), "fedcba98765432100123456789abcdef");
    assert_true(hash_sum_parse(text_of(hash_sum_text(arena, sum)), &back));
    assert_true(hash_sum_equal(sum, back));
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_false(hash_sum_parse(text_of(refused[i]), &back));
    arena_free(arena);
}

static void sha256_of_text_and_file_agree(void **state) {
    Arena *arena = arena_new();
    char path[] = "/tmp/lifeboat-hash-XXXXXX";
    int descriptor = mkstemp(path);
    char *bytes = arena_alloc(arena, 300000);
    memset(bytes, 'a', 300000);
    assert_int_equal(write(descriptor, bytes, 300000), 300000);
    close(descriptor);
    const char *digest = NULL;
    assert_null(hash_sha256_file(arena, path, &digest));
    assert_string_equal(digest, hash_sha256_text(arena, (Text){bytes, 300000}));
    assert_string_equal(hash_sha256_text(arena, TEXT("abc")),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    unlink(path);
    const Err *err = hash_sha256_file(arena, path, &digest);
    assert_non_null(err);
    assert_int_equal(err->kind, ERR_NOT_FOUND);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_do_not_depend_on_order_and_carry),
        cmocka_unit_test(rows_have_the_published_hash),
        cmocka_unit_test(text_form_round_trips_and_refuses_the_rest),
        cmocka_unit_test(sha256_of_text_and_file_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
