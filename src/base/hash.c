/* SPDX-License-Identifier: PostgreSQL */
#define XXH_INLINE_ALL
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <xxhash.h>

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

static void close_descriptor(void *what) {
    close((int)(intptr_t)what);
}

static Err *sha256_descriptor(Arena *scratch, const char *path, int descriptor, unsigned char *digest) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        return err_new(scratch, ERR_IO, "cannot compute a SHA-256: OpenSSL refused");
    arena_defer(scratch, close_digest, context);
    char *bytes = arena_alloc(scratch, HASH_READ_SIZE);
    for (;;) {
        ssize_t got = read(descriptor, bytes, HASH_READ_SIZE);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(scratch, errno, "cannot read %s", text_safe(scratch, path));
        EVP_DigestUpdate(context, bytes, (size_t)got);
    }
    unsigned length = 0;
    if (EVP_DigestFinal_ex(context, digest, &length) != 1 || length != HASH_SHA256_SIZE)
        return err_new(scratch, ERR_IO, "cannot compute a SHA-256: OpenSSL refused");
    return NULL;
}

Err *hash_sha256_file(Arena *arena, const char *path, const char **out) {
    /* Non-blocking, so that a FIFO in the place of a file cannot hang us; reading it then fails or ends at once. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return err_errno(arena, errno, "cannot open %s", text_safe(arena, path));
    Arena *scratch = arena_new();
    arena_defer(scratch, close_descriptor, (void *)(intptr_t)descriptor);
    unsigned char digest[HASH_SHA256_SIZE] = {0};
    Err *err = err_copy(arena, sha256_descriptor(scratch, path, descriptor, digest));
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
