/* SPDX-License-Identifier: PostgreSQL */
#include "format/format.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/thread.h"

#define PROGRESS_BYTES (UINT64_C(1) << 20)
#define PROGRESS_INTERVAL (TIME_SECOND / 10)

/* A damaged backup can have a defect in every row of its table of contents; nobody reads more than these. */
#define MEMBER_DEFECTS 50
#define BACKUP_DEFECTS 1000

typedef struct FormatProgress {
    pthread_mutex_t telling;
    _Atomic uint64_t done;
    _Atomic int64_t next; /* monotonic time of the next call at the earliest */
} FormatProgress;

typedef struct Batch {
    FormatReading *reading;
    FormatMember *members;
    const size_t *order;
    FormatThread *threads;
} Batch;

int format_major(const char *version) {
    uint64_t major;
    size_t digits = strspn(version, "0123456789");
    return text_to_u64((Text){version, digits}, &major) && major < 1000 ? (int)major : 0;
}

static void defect_push(Arena *arena, BackupDefects *defects, const BackupDefect *defect, const char *message) {
    BackupDefect *added = LIST_PUSH(arena, *defects);
    *added = *defect;
    added->message = message;
}

static const char *message_text(Arena *arena, const char *format, va_list arguments) {
    char text[1024];
    vsnprintf(text, sizeof(text), format, arguments);
    return arena_strdup(arena, text);
}

void format_defect(FormatThread *thread, const BackupDefect *defect, const char *message, ...) {
    BackupDefects *defects = &thread->member->defects;
    if (defects->count >= MEMBER_DEFECTS)
        return;
    va_list arguments;
    va_start(arguments, message);
    defect_push(thread->arena, defects, defect, message_text(thread->arena, message, arguments));
    va_end(arguments);
}

void format_defect_add(Backup *backup, const BackupDefect *defect, const char *message, ...) {
    if (backup->defects.count >= BACKUP_DEFECTS)
        return;
    va_list arguments;
    va_start(arguments, message);
    defect_push(backup->arena, &backup->defects, defect, message_text(backup->arena, message, arguments));
    va_end(arguments);
}

static void tell(FormatReading *reading) {
    FormatProgress *progress = reading->progress;
    if (reading->request->progress == NULL || time_monotonic() < progress->next)
        return;
    if (pthread_mutex_trylock(&progress->telling) != 0)
        return;
    if (time_monotonic() >= progress->next) {
        uint64_t done = atomic_load(&progress->done);
        reading->request->progress(reading->request->context, done < reading->total ? done : reading->total,
                                   reading->total);
        progress->next = time_monotonic() + PROGRESS_INTERVAL;
    }
    pthread_mutex_unlock(&progress->telling);
}

Err *format_advance(FormatThread *thread, uint64_t stored) {
    thread->unreported += stored;
    if (thread->unreported >= PROGRESS_BYTES) {
        FormatProgress *progress = thread->reading->progress;
        atomic_fetch_add(&progress->done, thread->unreported);
        thread->unreported = 0;
        tell(thread->reading);
    }
    return interrupt_check(thread->arena);
}

static Err *thread_begin(FormatThread *thread) {
    if (thread->unpack != NULL)
        return NULL;
    thread->unpack = unpack_new(thread->scratch);
    thread->buffer = arena_alloc(thread->scratch, FORMAT_BUFFER);
    return thread->reading->start == NULL ? NULL : thread->reading->start(thread);
}

static Err *work(ThreadWorker *worker, size_t item, void *context) {
    Batch *batch = context;
    FormatThread *thread = &batch->threads[worker->number];
    thread->member = &batch->members[batch->order[item]];
    TRY(thread_begin(thread));
    return batch->reading->member(thread, thread->member);
}

static int larger_first(const void *left, const void *right, void *context) {
    const FormatMember *members = context;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    if (members[a].size != members[b].size)
        return members[a].size > members[b].size ? -1 : 1;
    return a < b ? -1 : 1;
}

static const size_t *order_of(Arena *arena, FormatMember *members, size_t count) {
    size_t *order = ARENA_ARRAY(arena, size_t, count);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (count > 1)
        qsort_r(order, count, sizeof(*order), larger_first, members);
    return order;
}

static void merge(Batch *batch, int jobs, size_t count) {
    FormatReading *reading = batch->reading;
    for (int i = 0; i < jobs; i++) {
        if (batch->threads[i].unpack != NULL && reading->merge != NULL)
            reading->merge(&batch->threads[i]);
    }
    for (size_t i = 0; i < count; i++) {
        reading->backup->raw_bytes += batch->members[i].raw_bytes;
        LIST_EACH (BackupDefect, defect, batch->members[i].defects) {
            if (reading->backup->defects.count < BACKUP_DEFECTS)
                *LIST_PUSH(reading->backup->arena, reading->backup->defects) = *defect;
        }
    }
}

Err *format_read_members(FormatReading *reading, FormatMember *members, size_t count) {
    Arena *arena = reading->backup->arena, *scratch = arena_child(arena);
    int jobs = reading->request->jobs < 1 ? 1 : reading->request->jobs;
    if ((size_t)jobs > count)
        jobs = count == 0 ? 1 : (int)count;
    FormatProgress progress = {.telling = PTHREAD_MUTEX_INITIALIZER};
    reading->progress = &progress;
    Batch batch = {.reading = reading, .members = members, .order = order_of(scratch, members, count)};
    batch.threads = ARENA_ARRAY(scratch, FormatThread, (size_t)jobs);
    for (int i = 0; i < jobs; i++)
        batch.threads[i] =
            (FormatThread){.reading = reading, .arena = arena_child(arena), .scratch = arena_child(scratch)};
    Err *err = thread_run(scratch, jobs, count, work, &batch);
    if (err == NULL) {
        merge(&batch, jobs, count);
        if (reading->request->progress != NULL)
            reading->request->progress(reading->request->context, reading->total, reading->total);
    } else {
        err = err_copy(arena, err);
    }
    arena_free(scratch);
    return err;
}

Err *format_range_next(void *context, Text *piece) {
    FormatRange *range = context;
    *piece = (Text){0};
    uint64_t left = range->end - range->at;
    size_t wanted = left < FORMAT_BUFFER ? (size_t)left : FORMAT_BUFFER;
    if (wanted == 0)
        return NULL;
    size_t got;
    TRY(file_read_at(range->thread->arena, range->descriptor, range->at, range->thread->buffer, wanted, &got));
    range->at += got;
    *piece = (Text){.at = (const char *)range->thread->buffer, .length = got};
    return format_advance(range->thread, got);
}
