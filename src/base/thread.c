/* SPDX-License-Identifier: PostgreSQL */
#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"

typedef struct Batch {
    pthread_mutex_t lock;
    size_t next;  /* lowest item not yet taken */
    size_t count; /* lowered to 0 items left when one fails */
    size_t failed_item;
    Err *err; /* of failed_item; lives in that worker's arena */
    ThreadWork work;
    void *context;
} Batch;

typedef struct Worker {
    ThreadWorker public;
    Batch *batch;
    pthread_t thread;
} Worker;

static bool take_item(Batch *batch, size_t *item) {
    pthread_mutex_lock(&batch->lock);
    bool taken = batch->next < batch->count && batch->err == NULL;
    if (taken)
        *item = batch->next++;
    pthread_mutex_unlock(&batch->lock);
    return taken;
}

static void note_error(Batch *batch, size_t item, Err *err) {
    pthread_mutex_lock(&batch->lock);
    if (batch->err == NULL || item < batch->failed_item) {
        batch->err = err;
        batch->failed_item = item;
    }
    pthread_mutex_unlock(&batch->lock);
}

static void *run_worker(void *what) {
    Worker *worker = what;
    size_t item = 0;
    while (take_item(worker->batch, &item)) {
        Err *err = interrupt_check(worker->public.arena);
        if (err == NULL)
            err = worker->batch->work(&worker->public, item, worker->batch->context);
        if (err != NULL)
            note_error(worker->batch, item, err);
    }
    return NULL;
}

Err *thread_run(Arena *arena, int jobs, size_t count, ThreadWork work, void *context) {
    Batch batch = {.lock = PTHREAD_MUTEX_INITIALIZER, .count = count, .work = work, .context = context};
    size_t threads = jobs < 1 ? 1 : (size_t)jobs;
    threads = threads > count ? count : threads;
    if (threads == 0)
        return NULL;
    Worker *workers = ARENA_ARRAY(arena, Worker, threads);
    for (size_t i = 0; i < threads; i++)
        workers[i] = (Worker){.public = {.number = (int)i, .arena = arena_child(arena)}, .batch = &batch};
    /* The caller works too, as number 0; a thread that cannot be had only makes the batch slower. */
    size_t started = 1;
    while (started < threads && pthread_create(&workers[started].thread, NULL, run_worker, &workers[started]) == 0)
        started++;
    run_worker(&workers[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_mutex_destroy(&batch.lock);
    return batch.err;
}

/* "200000 100000" (quota and period in microseconds), or "max 100000": processors allowed, or 0 for no limit. */
static int quota_of(Arena *scratch, const char *path) {
    Buf *bytes = NULL;
    if (file_read_all(scratch, path, 256, &bytes) != NULL)
        return 0;
    Text period;
    Text quota = text_cut(text_trim(buf_view(bytes)), ' ', &period);
    uint64_t allowed = 0, of = 0;
    if (!text_to_u64(quota, &allowed) || !text_to_u64(period, &of) || of == 0)
        return 0;
    uint64_t processors = (allowed + of - 1) / of;
    return processors > INT32_MAX ? 0 : (int)processors;
}

/* The tightest cpu.max from our control group up to the root (version 2 of the hierarchy). */
static int cgroup_limit(Arena *scratch) {
    Buf *bytes = NULL;
    if (file_read_all(scratch, "/proc/self/cgroup", 64 * 1024, &bytes) != NULL)
        return 0;
    Text rest = buf_view(bytes), line = {0};
    do {
        line = text_cut(rest, '\n', &rest);
    } while (!text_starts(line, "0::") && rest.length > 0);
    if (!text_starts(line, "0::/"))
        return 0;
    char *group = text_dup(scratch, text_slice(line, 3, line.length));
    int tightest = 0;
    for (;;) {
        int limit = quota_of(scratch, arena_printf(scratch, "/sys/fs/cgroup%s/cpu.max", group));
        if (limit > 0 && (tightest == 0 || limit < tightest))
            tightest = limit;
        char *slash = strrchr(group, '/');
        if (slash == NULL)
            return tightest;
        *slash = '\0';
    }
}

int thread_processors(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        processors = CPU_COUNT(&set);
    Arena *scratch = arena_new();
    int limit = cgroup_limit(scratch);
    arena_free(scratch);
    if (limit > 0 && limit < processors)
        processors = limit;
    return processors < 1 ? 1 : (int)processors;
}
