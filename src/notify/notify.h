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
 * and doctor.
 */
typedef enum NotifyEvent { NOTIFY_NOTHING, NOTIFY_PROBLEM, NOTIFY_REMINDER, NOTIFY_RECOVERY, NOTIFY_TEST } NotifyEvent;

typedef struct NotifyMessage {
    NotifyEvent event;
    const Report *report; /* NULL for NOTIFY_TEST */
    const char *target;
    Time since; /* when the problem began */
} NotifyMessage;

typedef struct NotifyType {
    const char *name; /* "slack" */
    const char *summary;
    const char *detail;
    const Option *const *options; /* NULL-terminated, beyond notify_options */
    Err *(*send)(Arena *arena, const Settings *settings, const NotifyMessage *message);
} NotifyType;

extern const NotifyType *const notify_table[]; /* NULL-terminated */
extern const Option *const notify_options[];   /* of every channel: type, warnings, remind, targets */

/* Decides and sends on every channel; failures are logged and remembered, never returned. Call after store_record. */
void notify_report(Arena *arena, const Config *config, Store *store, const Report *report);

/* Sends a test message on one channel ("" for all); the error of the first that failed. */
Err *notify_test(Arena *arena, const Config *config, const char *channel, size_t *sent);

/* Pure: what to do given the remembered state. */
NotifyEvent notify_decide(Verdict before, Verdict now, Time last_sent, Time clock, int64_t remind, bool warnings);

#endif
