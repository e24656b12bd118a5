/* SPDX-License-Identifier: PostgreSQL */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

/* Under AddressSanitizer every allocation is a block of its own, so that one byte too far is seen. */
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { ARENA_FIRST = 0, ARENA_LARGEST = 0 };
#else
enum { ARENA_FIRST = 2048, ARENA_LARGEST = 256 * 1024 };
#endif

enum { ARENA_ALIGN = 16 };

typedef struct Block Block;
struct Block {
    _Alignas(16) Block *next;
    char bytes[] __attribute__((aligned(16)));
};

typedef struct Deferred Deferred;
struct Deferred {
    void (*close)(void *);
    void *what;
    Deferred *next;
};

struct Arena {
    Block *blocks;
    char *free_at;
    size_t free_size;
    size_t block_size;
    size_t used;
    Deferred *deferred;
    Arena *parent;
    Arena *first_child;
    Arena *previous, *next; /* among the parent's children */
};

static _Noreturn void out_of_memory(size_t size) {
    fprintf(stderr, "lifeboat: out of memory (%zu bytes more were needed)\n", size);
    abort();
}

Arena *arena_new(void) {
    Arena *arena = calloc(1, sizeof(Arena));
    if (arena == NULL)
        out_of_memory(sizeof(Arena));
    arena->block_size = ARENA_FIRST;
    return arena;
}

Arena *arena_child(Arena *parent) {
    Arena *child = arena_new();
    child->parent = parent;
    child->next = parent->first_child;
    if (child->next != NULL)
        child->next->previous = child;
    parent->first_child = child;
    return child;
}

static void leave_parent(Arena *arena) {
    if (arena->parent == NULL)
        return;
    if (arena->previous != NULL)
        arena->previous->next = arena->next;
    else
        arena->parent->first_child = arena->next;
    if (arena->next != NULL)
        arena->next->previous = arena->previous;
}

void arena_free(Arena *arena) {
    if (arena == NULL)
        return;
    /* A deferred call may itself allocate or defer: take them one at a time. */
    while (arena->deferred != NULL) {
        Deferred *deferred = arena->deferred;
        arena->deferred = deferred->next;
        deferred->close(deferred->what);
    }
    while (arena->first_child != NULL)
        arena_free(arena->first_child);
    leave_parent(arena);
    for (Block *block = arena->blocks; block != NULL;) {
        Block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

static char *new_block(Arena *arena, size_t size) {
    Block *block = size > SIZE_MAX - sizeof(Block) ? NULL : calloc(1, sizeof(Block) + size);
    if (block == NULL)
        out_of_memory(size);
    block->next = arena->blocks;
    arena->blocks = block;
    return block->bytes;
}

void *arena_alloc(Arena *arena, size_t size) {
    if (size > SIZE_MAX / 2)
        out_of_memory(size);
    size_t rounded = size == 0 ? ARENA_ALIGN : (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    arena->used += rounded;
    if (rounded > arena->free_size) {
        /* A large request gets its own block, and the room left in the present one stays in use. */
        if (rounded > arena->block_size / 4)
            return new_block(arena, ARENA_LARGEST == 0 ? size : rounded);
        arena->free_at = new_block(arena, arena->block_size);
        arena->free_size = arena->block_size;
        if (arena->block_size <= ARENA_LARGEST / 2)
            arena->block_size *= 2;
    }
    char *at = arena->free_at;
    arena->free_at += rounded;
    arena->free_size -= rounded;
    return at;
}

void *arena_array(Arena *arena, size_t count, size_t size) {
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory(SIZE_MAX);
    return arena_alloc(arena, total);
}

char *arena_strndup(Arena *arena, const char *bytes, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *arena_strdup(Arena *arena, const char *text) {
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(Arena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = arena_alloc(arena, length < 0 ? 1 : (size_t)length + 1);
    if (length > 0)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void arena_defer(Arena *arena, void (*close)(void *), void *what) {
    Deferred *deferred = ARENA_NEW(arena, Deferred);
    *deferred = (Deferred){.close = close, .what = what, .next = arena->deferred};
    arena->deferred = deferred;
}

size_t arena_used(const Arena *arena) {
    return arena->used;
}
