/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_ARENA_H
#define LIFEBOAT_BASE_ARENA_H

#include <stddef.h>

/*
 * Arena: memory of one unit of work.
 *
 * Everything allocated in an arena lives until arena_free; nobody frees inside it. What must be closed with the work
 * (a descriptor, a connection, a temporary directory) is registered with arena_defer and closed in reverse order.
 *
 * Invariants: memory is zeroed and aligned to 16 bytes; an allocation never fails (lifeboat aborts with a message when
 * the machine has no memory left: there is nothing honest to report from there). An arena belongs to one thread at a
 * time; a thread that needs memory of its own takes arena_child before it starts.
 *
 *     Arena *work = arena_new();
 *     char *name = arena_printf(work, "%s.json", stem);
 *     arena_free(work);
 */
typedef struct Arena Arena;

Arena *arena_new(void);

/* An arena that is freed with its parent (or earlier, by arena_free). Call from the parent's thread only. */
Arena *arena_child(Arena *parent);

/* Runs the deferred calls, newest first, then frees all memory and children. NULL is allowed. */
void arena_free(Arena *arena);

void *arena_alloc(Arena *arena, size_t size);

/* Zeroed array; aborts when count * size overflows, so callers bound hostile counts first. */
void *arena_array(Arena *arena, size_t count, size_t size);

/* Copies of NUL-terminated and of counted bytes; the copy always ends in NUL. */
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *bytes, size_t length);
char *arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

void arena_defer(Arena *arena, void (*close)(void *), void *what);

/* Bytes handed out so far, children not counted: for tests that hold a bound. */
size_t arena_used(const Arena *arena);

#define ARENA_NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_ARRAY(arena, Type, count) ((Type *)arena_array((arena), (count), sizeof(Type)))

#endif
