/* SPDX-License-Identifier: PostgreSQL */
#include <pthread.h>
#include <string.h>

#include "format/format.h"
#include "format/script_guess.h"
#include "format/script_reader.h"

/*
 * Plain SQL scripts of pg_dump and pg_dumpall, compressed as a whole or not. One stream, so one thread understands it;
 * with a second one, that thread reads and decompresses ahead, through a ring of buffers.
 */
#define RING 4

/* The stored bytes, as plain ones. */
typedef struct Source {
    FormatThread *thread;
    const UnpackMethod *packed;
    FormatRange range;
    bool first; /* a byte order mark may come */
} Source;

typedef struct Slot {
    uint8_t bytes[FORMAT_BUFFER];
    Text plain; /* of them; empty: the end */
} Slot;

/* Between the reading thread and the understanding one. */
typedef struct Ring {
    Source *source;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t filled, emptied; /* slots since the beginning */
    bool stopped;           /* nobody empties slots any more */
    Err *err;               /* of the reading thread, set before the end is given */
    Slot slots[RING];
} Ring;

static bool script_recognise(const FormatProbe *probe) {
    return probe->info.kind == FILE_REGULAR && script_guess(probe->head);
}

static Err *script_open(Backup *backup, const FormatProbe *probe) {
    Text rest = probe->head;
    backup->compression = probe->packed->name;
    backup->unchecked = probe->packed == &unpack_none;
    while (rest.length > 0)
        script_reader_header(backup, text_cut(rest, '\n', &rest));
    backup->state = (void *)(uintptr_t)probe->packed;
    return NULL;
}

static Err *source_next(Source *source, Text *plain) {
    static const char mark[] = "\xEF\xBB\xBF";
    TRY(unpack_next(source->thread->unpack, plain));
    if (source->first && text_starts(*plain, mark) && plain->length > strlen(mark))
        *plain = text_slice(*plain, strlen(mark), plain->length);
    source->first = false;
    return NULL;
}

/* ---- one thread ---- */

static Err *read_alone(Source *source, ScriptReader *reader) {
    for (;;) {
        Text plain;
        TRY(source_next(source, &plain));
        if (plain.length == 0)
            return NULL;
        TRY(script_reader_feed(reader, plain));
    }
}

/* ---- two threads ---- */

/* A slot to fill; NULL when nobody wants it any more. */
static Slot *slot_to_fill(Ring *ring) {
    pthread_mutex_lock(&ring->lock);
    while (ring->filled - ring->emptied == RING && !ring->stopped)
        pthread_cond_wait(&ring->changed, &ring->lock);
    Slot *slot = ring->stopped ? NULL : &ring->slots[ring->filled % RING];
    pthread_mutex_unlock(&ring->lock);
    return slot;
}

static void slot_is_full(Ring *ring) {
    pthread_mutex_lock(&ring->lock);
    ring->filled++;
    pthread_cond_signal(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

static const Slot *slot_to_empty(Ring *ring) {
    pthread_mutex_lock(&ring->lock);
    while (ring->filled == ring->emptied)
        pthread_cond_wait(&ring->changed, &ring->lock);
    const Slot *slot = &ring->slots[ring->emptied % RING];
    pthread_mutex_unlock(&ring->lock);
    return slot;
}

static void slot_is_empty(Ring *ring) {
    pthread_mutex_lock(&ring->lock);
    ring->emptied++;
    pthread_cond_signal(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

static void stop(Ring *ring) {
    pthread_mutex_lock(&ring->lock);
    ring->stopped = true;
    pthread_cond_signal(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

/* Collects small pieces, so that the threads meet once for a full buffer. */
static Err *fill_copied(Source *source, Slot *slot, Text *left) {
    size_t filled = 0;
    while (filled < sizeof(slot->bytes)) {
        if (left->length == 0)
            TRY(source_next(source, left));
        if (left->length == 0)
            break;
        size_t room = sizeof(slot->bytes) - filled;
        size_t length = left->length < room ? left->length : room;
        memcpy(slot->bytes + filled, left->at, length);
        filled += length;
        *left = text_slice(*left, length, left->length);
    }
    slot->plain = (Text){.at = (const char *)slot->bytes, .length = filled};
    return NULL;
}

/* Bytes that are not compressed are read into the slot itself. */
static Err *fill(Source *source, Slot *slot, Text *left) {
    slot->plain = (Text){0};
    if (source->packed != &unpack_none)
        return fill_copied(source, slot, left);
    source->thread->buffer = slot->bytes;
    return source_next(source, &slot->plain);
}

static void *read_ahead(void *context) {
    Ring *ring = context;
    Text left = {0};
    for (;;) {
        Slot *slot = slot_to_fill(ring);
        if (slot == NULL)
            return NULL;
        ring->err = fill(ring->source, slot, &left);
        bool end = slot->plain.length == 0 || ring->err != NULL;
        slot->plain.length = end ? 0 : slot->plain.length;
        slot_is_full(ring);
        if (end)
            return NULL;
    }
}

static Err *take_all(Ring *ring, ScriptReader *reader) {
    for (;;) {
        const Slot *slot = slot_to_empty(ring);
        if (slot->plain.length == 0)
            return ring->err;
        TRY(script_reader_feed(reader, slot->plain));
        slot_is_empty(ring);
    }
}

static Err *read_together(Source *source, ScriptReader *reader) {
    FormatThread *thread = source->thread;
    Ring *ring = arena_alloc(thread->scratch, sizeof(Ring));
    ring->source = source;
    pthread_mutex_init(&ring->lock, NULL);
    pthread_cond_init(&ring->changed, NULL);
    /* The reading thread has an arena of its own: they must not meet in one. */
    FormatThread ahead = *thread;
    ahead.arena = arena_child(thread->arena);
    source->thread = source->range.thread = &ahead;
    pthread_t other;
    Err *err;
    if (pthread_create(&other, NULL, read_ahead, ring) == 0) {
        err = take_all(ring, reader);
        stop(ring);
        pthread_join(other, NULL);
    } else {
        err = read_alone(source, reader);
    }
    source->thread = source->range.thread = thread;
    pthread_cond_destroy(&ring->changed);
    pthread_mutex_destroy(&ring->lock);
    return err;
}

/* ---- the whole ---- */

static Err *read_member(FormatThread *thread, FormatMember *member) {
    Backup *backup = thread->reading->backup;
    Source source = {.thread = thread, .packed = backup->state, .first = true};
    FileInfo info;
    source.range = (FormatRange){.thread = thread, .end = backup->size_bytes};
    TRY(file_open(thread->scratch, backup->path, &source.range.descriptor, &info));
    unpack_start(thread->unpack, source.packed, format_range_next, &source.range);
    ScriptReader *reader = script_reader_new(thread);
    Err *err = thread->reading->request->jobs > 1 ? read_together(&source, reader) : read_alone(&source, reader);
    if (err != NULL)
        return err;
    const UnpackDamage *damage = unpack_damage(thread->unpack);
    backup->unchecked |= !unpack_checked(thread->unpack);
    return script_reader_finish(reader, damage->message == NULL ? NULL : damage);
}

static Err *script_read(Backup *backup, const BackupReadRequest *request) {
    FormatReading reading = {.backup = backup, .request = request, .total = backup->size_bytes, .member = read_member};
    FormatMember member = {.size = backup->size_bytes};
    Err *err = format_read_members(&reading, &member, 1);
    inventory_seal(backup->inventory); /* also when reading failed: it is looked into all the same */
    return err;
}

const Format script_format = {.name = "script",
                              .summary = "plain SQL, as pg_dump and pg_dumpall write it",
                              .recognise = script_recognise,
                              .open = script_open,
                              .read = script_read};
