/* SPDX-License-Identifier: PostgreSQL */
#define XXH_INLINE_ALL
#include "base/hash.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include "base/file.h"

enum { HASH_READ_SIZE = 128 * 1024, HASH_SHA256_SIZE = 32 };

HashSum hash_row(const void *bytes, size_t length) {
    XXH128_hash_t hash = XXH3_128bits(bytes, length);
    return (HashSum){.low = hash.low64, .high = hash.high64};
}

void hash_sum_add(HashSum *total, HashSum item) {
    total->low += item.low;
    total->high += item.high + (total->low < item.low);
}

bool hash_sum_equal(HashSum a, HashSum b) {
    return a.low == b.low && a.high == b.high;
}

const char *hash_sum_text(Arena *arena, HashSum sum) {
    return arena_printf(arena, "%016llx%016llx", (unsigned long long)sum.high, (unsigned long long)sum.low);
}

static int hex_digit(char byte) {
    return byte >= '0' && byte <= '9' ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool hash_sum_parse(Text text, HashSum *out) {
    HashSum sum = {0};
    if (text.length != 32)
        return false;
    for (size_t i = 0; i < 32; i++) {
        int digit = hex_digit(text.at[i]);
        if (digit < 0)
            return false;
        uint64_t *half = i < 16 ? &sum.high : &sum.low;
        *half = *half << 4 | (uint64_t)digit;
    }
    *out = sum;
    return true;
}

static const char *hex_text(Arena *arena, const unsigned char *bytes, size_t length) {
    char *text = arena_alloc(arena, length * 2 + 1);
    for (size_t i = 0; i < length; i++) {
        text[i * 2] = "0123456789abcdef"[bytes[i] >> 4];
        text[i * 2 + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    return text;
}

static void close_digest(void *what) {
    EVP_MD_CTX_free(what);
}

static Err *sha256_of(Arena *scratch, const char *path, unsigned char *digest) {
    int descriptor = 0;
    TRY(file_open(scratch, path, &descriptor, NULL));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        return err_new(scratch, ERR_IO, "cannot compute a SHA-256: OpenSSL refused");
    arena_defer(scratch, close_digest, context);
    char *bytes = arena_alloc(scratch, HASH_READ_SIZE);
    size_t got = 1;
    for (uint64_t offset = 0; got > 0; offset += got) {
        TRY(file_read_at(scratch, descriptor, offset, bytes, HASH_READ_SIZE, &got));
        EVP_DigestUpdate(context, bytes, got);
    }
    unsigned length = 0;
    if (EVP_DigestFinal_ex(context, digest, &length) != 1 || length != HASH_SHA256_SIZE)
        return err_new(scratch, ERR_IO, "cannot compute a SHA-256: OpenSSL refused");
    return NULL;
}

Err *hash_sha256_file(Arena *arena, const char *path, const char **out) {
    Arena *scratch = arena_new();
    unsigned char digest[HASH_SHA256_SIZE] = {0};
    const Err *cause = sha256_of(scratch, path, digest);
    Err *err = cause == NULL ? NULL : err_wrap(arena, err_copy(arena, cause), "cannot hash %s", text_safe(arena, path));
    arena_free(scratch);
    if (err == NULL)
        *out = hex_text(arena, digest, sizeof(digest));
    return err;
}

const char *hash_sha256_text(Arena *arena, Text bytes) {
    unsigned char digest[HASH_SHA256_SIZE] = {0};
    EVP_Digest(bytes.at, bytes.length, digest, NULL, EVP_sha256(), NULL);
    return hex_text(arena, digest, sizeof(digest));
}
