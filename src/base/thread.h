/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_THREAD_H
#define LIFEBOAT_BASE_THREAD_H

#include <stddef.h>

#include "base/err.h"

/*
 * A thread pool for one batch: `count` items, taken in index order by up to `jobs` threads, each item done whole by one
 * thread. Order the items largest first and the batch ends evenly.
 *
 * Each thread has a number (0 .. jobs-1) and an arena of its own, a child of the caller's: errors and results placed in
 * it stay valid until the caller's arena is freed. The work function must not touch the caller's arena.
 * When an item returns an error no new item is started, running ones finish, and the error of the lowest item index is
 * returned. An item whose failure is a result, not the end of the batch, records it and returns NULL.
 */
typedef struct ThreadWorker {
    int number;
    Arena *arena;
} ThreadWorker;

typedef Err *(*ThreadWork)(ThreadWorker *worker, size_t item, void *context);

Err *thread_run(Arena *arena, int jobs, size_t count, ThreadWork work, void *context);

/* Processors this process may use (affinity and cgroup respected), at least 1. */
int thread_processors(void);

#endif
