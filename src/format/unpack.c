/* SPDX-License-Identifier: PostgreSQL */
#include "format/unpack.h"

#include <string.h>

#include "format/format.h"

/* Small pieces (a custom archive's blocks of 4 KiB) are gathered before a step: ISA-L copies its window at every call.
 */
#define UNPACK_GATHER (64 * 1024)
#define UNPACK_SMALL (UNPACK_GATHER / 4)
#define UNPACK_KINDS 8

typedef struct UnpackKept {
    const UnpackMethod *method;
    void *state;
} UnpackKept;

struct Unpack {
    Arena *arena;
    const UnpackMethod *method;
    void *state;
    UnpackSource source;
    void *context;
    Text pending; /* from the source, not yet looked at */
    bool source_ended;
    UnpackIo io;
    uint8_t *gather, *room;
    uint64_t streams; /* completed since unpack_start */
    bool inside;      /* of a stream: it has been given input */
    bool produced;    /* the present stream gave bytes */
    bool unchecked;   /* a stream carried no checksum */
    UnpackDamage damage;
    UnpackKept kept[UNPACK_KINDS];
};

const UnpackMethod unpack_none = {.name = "none", .suffix = ""};

const UnpackMethod *const unpack_table[] = {&unpack_gzip, &unpack_zstd, &unpack_lz4, NULL};

const UnpackMethod *unpack_recognise(Text head) {
    for (size_t i = 0; unpack_table[i] != NULL; i++) {
        if (unpack_table[i]->recognise(head))
            return unpack_table[i];
    }
    return &unpack_none;
}

Unpack *unpack_new(Arena *arena) {
    Unpack *unpack = ARENA_NEW(arena, Unpack);
    unpack->arena = arena;
    return unpack;
}

/* Library states are large and slow to make: one of each kind is kept. */
static void *kept_state(Unpack *unpack, const UnpackMethod *method) {
    if (method->make == NULL)
        return NULL;
    size_t i = 0;
    while (i < UNPACK_KINDS - 1 && unpack->kept[i].method != NULL && unpack->kept[i].method != method)
        i++;
    if (unpack->kept[i].method != method)
        unpack->kept[i] = (UnpackKept){.method = method, .state = method->make(unpack->arena)};
    return unpack->kept[i].state;
}

void unpack_start(Unpack *unpack, const UnpackMethod *method, UnpackSource source, void *context) {
    unpack->method = method;
    unpack->state = kept_state(unpack, method);
    unpack->source = source;
    unpack->context = context;
    unpack->pending = (Text){0};
    unpack->source_ended = false;
    unpack->io = (UnpackIo){0};
    unpack->streams = 0;
    unpack->inside = unpack->produced = unpack->unchecked = false;
    unpack->damage = (UnpackDamage){0};
    if (method->make == NULL)
        return;
    if (unpack->room == NULL) {
        unpack->room = arena_alloc(unpack->arena, FORMAT_BUFFER);
        unpack->gather = arena_alloc(unpack->arena, UNPACK_GATHER);
    }
    method->start(unpack->state);
}

static Err *fetch(Unpack *unpack) {
    if (unpack->pending.length > 0 || unpack->source_ended)
        return NULL;
    TRY(unpack->source(unpack->context, &unpack->pending));
    unpack->source_ended = unpack->pending.length == 0;
    return NULL;
}

static void give_pending(Unpack *unpack) {
    unpack->io.in = (const uint8_t *)unpack->pending.at;
    unpack->io.in_left = unpack->pending.length;
    unpack->pending = (Text){0};
}

/* Puts the next stored bytes into io.in; none are left when io.in_left stays 0. */
static Err *refill(Unpack *unpack) {
    TRY(fetch(unpack));
    if (unpack->pending.length == 0 || unpack->pending.length >= UNPACK_SMALL) {
        give_pending(unpack);
        return NULL;
    }
    size_t length = 0;
    while (unpack->pending.length > 0 && unpack->pending.length <= UNPACK_GATHER - length) {
        memcpy(unpack->gather + length, unpack->pending.at, unpack->pending.length);
        length += unpack->pending.length;
        unpack->pending = (Text){0};
        TRY(fetch(unpack));
    }
    unpack->io.in = unpack->gather;
    unpack->io.in_left = length;
    return NULL;
}

static void damaged(Unpack *unpack, BackupDefectKind kind, const char *message) {
    unpack->damage = (UnpackDamage){.kind = kind, .message = message};
}

static void at_source_end(Unpack *unpack) {
    if (unpack->inside)
        damaged(unpack, BACKUP_DEFECT_TRUNCATED, "the compressed data ends too early");
    else if (unpack->streams == 0)
        damaged(unpack, BACKUP_DEFECT_TRUNCATED, "there is no compressed data");
}

static void bytes_after_end(Unpack *unpack) {
    damaged(unpack, BACKUP_DEFECT_UNEXPECTED, "there are bytes after the end of the compressed data");
}

static void stream_ended(Unpack *unpack) {
    unpack->streams++;
    unpack->unchecked |= !unpack->io.checked;
    unpack->inside = unpack->produced = false;
    unpack->io.checked = false;
    if (unpack->io.overran)
        bytes_after_end(unpack);
    unpack->method->start(unpack->state);
}

static void stream_damaged(Unpack *unpack) {
    if (unpack->streams > 0 && !unpack->produced)
        bytes_after_end(unpack);
    else
        damaged(unpack, BACKUP_DEFECT_DECODE, unpack->io.why);
}

static void step(Unpack *unpack) {
    UnpackIo *io = &unpack->io;
    if (unpack->streams > 0 && !unpack->inside && !unpack->method->concatenated) {
        bytes_after_end(unpack);
        return;
    }
    unpack->inside = true;
    size_t in_before = io->in_left, out_before = io->out_left;
    UnpackStep result = unpack->method->step(unpack->state, io);
    unpack->produced |= io->out_left < out_before;
    if (result == UNPACK_DONE)
        stream_ended(unpack);
    else if (result == UNPACK_DAMAGED)
        stream_damaged(unpack);
    else if (io->in_left == in_before && io->out_left == out_before && io->in_left > 0 && io->out_left > 0)
        damaged(unpack, BACKUP_DEFECT_DECODE, "the compressed data cannot be decoded any further");
}

/* Steps until the room is full or nothing more comes. A step that has no input may still hold output back, so a full
 * room is followed by another step before new input is asked for. */
static Err *fill_room(Unpack *unpack) {
    UnpackIo *io = &unpack->io;
    bool was_full = true;
    while (io->out_left > 0 && unpack->damage.message == NULL) {
        if (io->in_left == 0 && !(was_full && unpack->inside)) {
            TRY(refill(unpack));
            if (io->in_left == 0) {
                at_source_end(unpack);
                return NULL;
            }
        }
        was_full = false;
        step(unpack);
    }
    return NULL;
}

Err *unpack_next(Unpack *unpack, Text *plain) {
    *plain = (Text){0};
    if (unpack->method->make == NULL)
        return unpack->source(unpack->context, plain);
    if (unpack->damage.message != NULL)
        return NULL;
    unpack->io.out = unpack->room;
    unpack->io.out_left = FORMAT_BUFFER;
    TRY(fill_room(unpack));
    *plain = (Text){.at = (const char *)unpack->room, .length = FORMAT_BUFFER - unpack->io.out_left};
    return NULL;
}

const UnpackDamage *unpack_damage(const Unpack *unpack) {
    return &unpack->damage;
}

bool unpack_checked(const Unpack *unpack) {
    return unpack->streams > 0 && !unpack->unchecked;
}
