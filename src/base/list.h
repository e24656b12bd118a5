/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_LIST_H
#define LIFEBOAT_BASE_LIST_H

#include <stddef.h>

#include "base/arena.h"

/*
 * LIST(Type): a growing array in an arena; declare it as a member or variable, zero-initialised. Items may move when
 * the list grows: keep indexes, not pointers, while pushing.
 *
 *     LIST(Finding) findings = {0};
 *     *LIST_PUSH(arena, findings) = (Finding){...};
 *     LIST_EACH(Finding, finding, findings) { ... finding->id ... }
 */
#define LIST(Type)                                                                                                     \
    struct {                                                                                                           \
        Type *items;                                                                                                   \
        size_t count;                                                                                                  \
        size_t capacity;                                                                                               \
    }

/* Pointer to a new zeroed item at the end. */
#define LIST_PUSH(arena, list)                                                                                         \
    ((list).items = list_grow((arena), (list).items, (list).count, &(list).capacity, sizeof(*(list).items)),           \
     &(list).items[(list).count++])

#define LIST_EACH(Type, item, list)                                                                                    \
    for (Type *item = (list).items; item != NULL && item < (list).items + (list).count; item++)

/* Used by LIST_PUSH: makes room for one more item, doubling. */
void *list_grow(Arena *arena, void *items, size_t count, size_t *capacity, size_t size);

#endif
