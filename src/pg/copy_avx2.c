/* SPDX-License-Identifier: PostgreSQL */
#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

/* Everything below is compiled for AVX2; copy.c calls it only on processors that have it. */
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,popcnt"))), apply_to = function)
#else
#pragma GCC target("avx2,bmi,popcnt")
#endif

#define XXH_VECTOR 2 /* XXH_AVX2: clang does not define __AVX2__ for an attribute */
#include "pg/copy_scan.h"

static inline uint32_t equal_mask(__m256i bytes, __m256i wanted) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, wanted));
}

static inline uint64_t equal_mask_64(__m256i low, __m256i high, char wanted) {
    __m256i all = _mm256_set1_epi8(wanted);
    return equal_mask(low, all) | (uint64_t)equal_mask(high, all) << 32;
}

static inline CopyMasks copy_scan_masks(const uint8_t *bytes) {
    __m256i low = _mm256_loadu_si256((const __m256i_u *)(const void *)bytes);
    __m256i high = _mm256_loadu_si256((const __m256i_u *)(const void *)(bytes + 32));
    return (CopyMasks){.newline = equal_mask_64(low, high, '\n'),
                       .tab = equal_mask_64(low, high, '\t'),
                       .nul = equal_mask_64(low, high, '\0')};
}

size_t copy_avx2(CopyScan *scan, const uint8_t *bytes, size_t length) {
    return copy_scan_piece(scan, bytes, length);
}

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
