/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_NOTIFY_NOTIFY_STATE_H
#define LIFEBOAT_NOTIFY_NOTIFY_STATE_H

#include "notify/notify.h"

/*
 * What the store remembers for a channel: per target what it was told and when the problem began; and for the channel
 * as a whole (kept with the target "") whether its last message arrived. A store that is missing, or cannot be read or
 * written, is logged and counts as remembering nothing: telling comes first.
 */
typedef struct NotifyState {
    NotifyMemory memory;
    Time since; /* when the problem that lasts began; TIME_NONE when there is none */
} NotifyState;

typedef struct NotifyStateKey {
    Store *store; /* may be NULL */
    const char *channel;
    const char *target;
} NotifyStateKey;

void notify_state_load(Arena *arena, const NotifyStateKey *key, NotifyState *out);
void notify_state_save(Arena *arena, const NotifyStateKey *key, const NotifyState *state);

/* Remembers how sending ended: failure NULL means that the channel works. */
void notify_state_sent(Arena *arena, const NotifyStateKey *key, const Err *failure);

/* False when the channel's last message arrived, or none was sent. */
Err *notify_state_failure(Arena *arena, const NotifyStateKey *key, NotifyFailure *out, bool *failing);

#endif
