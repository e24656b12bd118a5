/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_NOTIFY_NOTIFY_SENTRY_H
#define LIFEBOAT_NOTIFY_NOTIFY_SENTRY_H

#include "notify/notify.h"

/*
 * Sentry events by DSN: one envelope with one event (develop.sentry.dev: "Envelopes", "Event Payloads"). Problems and
 * reminders of a target share a fingerprint, so that Sentry groups them as one issue.
 */
extern const NotifyType notify_sentry;

/* Where a DSN leads, and its public key. ERR_CONFIG when it is none; the DSN itself is never quoted. */
typedef struct NotifySentryAddress {
    const char *url; /* https://host/path/api/PROJECT/envelope/ */
    const char *key;
} NotifySentryAddress;
Err *notify_sentry_address(Arena *arena, const char *dsn, NotifySentryAddress *out);

/* The envelope, newlines and all. */
Text notify_sentry_envelope(Arena *arena, const NotifyMessage *message);

#endif
