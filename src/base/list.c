/* SPDX-License-Identifier: PostgreSQL */
#include "base/list.h"

#include <stdint.h>
#include <string.h>

void *list_grow(Arena *arena, void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return items;
    size_t wider = *capacity == 0 ? 8 : *capacity > SIZE_MAX / 2 ? SIZE_MAX : *capacity * 2;
    void *moved = arena_array(arena, wider, size);
    if (count > 0)
        memcpy(moved, items, count * size);
    *capacity = wider;
    return moved;
}
