/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_NOTIFY_NOTIFY_H
#define LIFEBOAT_NOTIFY_NOTIFY_H

#include "base/config.h"
#include "store/store.h"
#include "verdict/report.h"

/*
 * Notify: whom we tell. A channel is one [notify NAME] section; its type is a row of notify.c's table (one file each).
 *
 * What is sent is a change of state, not a run: fail, unknown, warn (when the channel asks for warnings), recovery, and
 * a reminder every `remind` (24 h) while it lasts. The state is kept in the store per channel and target. A channel
 * that cannot be reached never changes a verdict; the failure is recorded in that state, logged, and shown by status
 * and doctor; what it was not told is sent again with the next run.
 */
typedef enum NotifyEvent { NOTIFY_NOTHING, NOTIFY_PROBLEM, NOTIFY_REMINDER, NOTIFY_RECOVERY, NOTIFY_TEST } NotifyEvent;

typedef struct NotifyMessage {
    NotifyEvent event;
    const Report *report; /* NULL for NOTIFY_TEST */
    const char *target;
    const char *channel;
    Time since; /* when the problem began; TIME_NONE when unknown */
} NotifyMessage;

typedef struct NotifyType {
    const char *name; /* "slack" */
    const char *summary;
    const char *detail;
    const Option *const *options; /* NULL-terminated, beyond notify_options */
    const Option *address;        /* the one of them without which nothing can be sent */
    Err *(*send)(Arena *arena, const Settings *settings, const NotifyMessage *message);
} NotifyType;

extern const NotifyType *const notify_table[]; /* NULL-terminated */
extern const Option *const notify_options[]; /* of every channel: type, targets, warnings, remind, patience, ca_file */
extern const Option notify_patience, notify_ca_file; /* of them, those that the types use */

/* Every row that a [notify] section of some type may hold, once. */
void notify_declare(Settings *settings);

typedef struct NotifyChannel {
    const char *name;
    const NotifyType *type;
    const Settings *settings;
} NotifyChannel;
typedef LIST(NotifyChannel) NotifyChannels;

/* The channels of the configuration, checked: ERR_CONFIG for an unknown type or key or a missing address. */
Err *notify_channels(Arena *arena, const Config *config, NotifyChannels *out);

/* Decides and sends on every channel; failures are logged and remembered, never returned. Call after store_record.
 * Without a store (NULL: it could not be opened) nothing is remembered: every problem is sent, and no recovery. */
void notify_report(Arena *arena, const Config *config, Store *store, const Report *report);

/* Sends a test message on one channel ("" for all); the error of the first that failed, after all were tried. A success
 * ends what the store (may be NULL) remembers of the channel's failures. ERR_NOT_FOUND when there is no such channel.
 */
Err *notify_test(Arena *arena, const Config *config, Store *store, const char *channel, size_t *sent);

/* Pure: what to do given the remembered state. `before` is the verdict the channel was last told, VERDICT_PASS when it
 * was told nothing yet; last_sent is when (TIME_NONE: never). `remind` 0 never reminds; otherwise a reminder is due a
 * twelfth early, so that a daily run that takes a minute less than yesterday's still reminds daily. */
typedef struct NotifyMemory {
    Verdict before;
    Time last_sent;
} NotifyMemory;
NotifyEvent notify_decide(const NotifyMemory *memory, Verdict now, Time clock, int64_t remind, bool warnings);

/* Channels of the configuration whose last message did not arrive. */
typedef struct NotifyFailure {
    const char *channel;
    Time since, last; /* first and last message that failed */
    const char *error;
} NotifyFailure;
typedef LIST(NotifyFailure) NotifyFailures;
Err *notify_failures(Arena *arena, const Config *config, Store *store, NotifyFailures *out);

/* "production: the backup failed verification": what happened, one line, printable. */
const char *notify_title(Arena *arena, const NotifyMessage *message);

const char *notify_event_name(NotifyEvent event); /* "problem", "reminder", "recovery", "test" */

#endif
