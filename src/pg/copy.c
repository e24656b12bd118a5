/* SPDX-License-Identifier: PostgreSQL */
#include "pg/copy.h"

#include <inttypes.h>

#include "pg/copy_scan.h"

typedef size_t (*Scanner)(CopyScan *scan, const uint8_t *bytes, size_t length);

struct Copy {
    CopyScan scan;
    Scanner scanner;
};

/* Bit 7 of each byte that equals `wanted`, exactly (Hacker's Delight, 6-1), gathered into 8 bits. */
static inline uint64_t equal_mask_8(uint64_t word, uint8_t wanted) {
    const uint64_t low_bits = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t differs = word ^ (UINT64_C(0x0101010101010101) * wanted);
    uint64_t zero = ~(((differs & low_bits) + low_bits) | differs | low_bits);
    return ((zero >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static inline CopyMasks copy_scan_masks(const uint8_t *bytes) {
    CopyMasks masks = {0};
    for (unsigned i = 0; i < 8; i++) {
        uint64_t word;
        memcpy(&word, bytes + i * (size_t)8, 8);
        word = le64toh(word);
        masks.newline |= equal_mask_8(word, '\n') << (8 * i);
        masks.tab |= equal_mask_8(word, '\t') << (8 * i);
        masks.nul |= equal_mask_8(word, 0) << (8 * i);
    }
    return masks;
}

static size_t scan_portable(CopyScan *scan, const uint8_t *bytes, size_t length) {
    return copy_scan_piece(scan, bytes, length);
}

static Scanner best_scanner(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt"))
        return copy_avx2;
#endif
    return scan_portable;
}

static Copy *new_with(Arena *arena, Scanner scanner) {
    Copy *copy = ARENA_NEW(arena, Copy);
    copy->scanner = scanner;
    /* XXH3's state wants an alignment of 64, the arena gives 16. */
    uintptr_t memory = (uintptr_t)arena_alloc(arena, sizeof(XXH3_state_t) + 63);
    copy->scan.carry = (XXH3_state_t *)((memory + 63) & ~(uintptr_t)63);
    return copy;
}

Copy *copy_new(Arena *arena) {
    return new_with(arena, best_scanner());
}

Copy *copy_new_portable(Arena *arena) {
    return new_with(arena, scan_portable);
}

void copy_start(Copy *copy, int64_t columns) {
    XXH3_state_t *carry = copy->scan.carry;
    copy->scan = (CopyScan){.carry = carry,
                            .tabs_known = columns != COPY_COLUMNS_UNKNOWN,
                            .tabs_wanted = columns > 0 ? (uint64_t)columns - 1 : 0,
                            .rows_empty = columns == 0};
}

void copy_feed(Copy *copy, Text bytes, size_t *used, bool *ended) {
    CopyScan *scan = &copy->scan;
    *ended = false;
    *used = bytes.length;
    if (scan->result.problem == COPY_LONG_ROW || bytes.length == 0)
        return;
    *used = copy->scanner(scan, (const uint8_t *)bytes.at, bytes.length);
    *ended = scan->result.ended;
    if (scan->carrying && scan->carried > COPY_ROW_MAXIMUM) {
        scan->result.problem = COPY_LONG_ROW;
        scan->result.row = scan->result.rows + 1;
    }
}

const CopyResult *copy_finish(Copy *copy) {
    CopyScan *scan = &copy->scan;
    CopyResult *result = &scan->result;
    if (!result->ended && result->problem != COPY_LONG_ROW) {
        /* Worse than whatever a row before had: rows are missing. */
        result->problem = scan->carrying ? COPY_CUT : COPY_NO_END;
        result->row = result->rows + (scan->carrying ? 1 : 0);
    }
    return result;
}

const char *copy_problem_text(Arena *arena, const CopyResult *result, int64_t columns) {
    switch (result->problem) {
    case COPY_FINE:
        return "the rows are well-formed";
    case COPY_COLUMNS:
        if (columns == COPY_COLUMNS_UNKNOWN)
            return arena_printf(
                arena, "row %" PRIu64 " has %" PRIu64 " values, not as many as the first (%" PRIu64 " such rows)",
                result->row, result->values, result->wrong_rows);
        return arena_printf(arena,
                            "row %" PRIu64 " has %" PRIu64 " values where the column list has %" PRId64 " (%" PRIu64
                            " such rows)",
                            result->row, result->values, columns, result->wrong_rows);
    case COPY_NUL:
        return arena_printf(arena, "a NUL byte stands in or before row %" PRIu64, result->row);
    case COPY_LONG_ROW:
        return arena_printf(arena, "row %" PRIu64 " is longer than PostgreSQL can write (1 GiB)", result->row);
    case COPY_CUT:
        return arena_printf(arena, "the data ends inside row %" PRIu64, result->row);
    case COPY_NO_END:
        return arena_printf(arena, "the data ends after row %" PRIu64 " without the closing \"\\.\" line", result->row);
    }
    return "unknown problem";
}
