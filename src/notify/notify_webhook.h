/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_NOTIFY_NOTIFY_WEBHOOK_H
#define LIFEBOAT_NOTIFY_NOTIFY_WEBHOOK_H

#include "notify/notify.h"

/*
 * An address of the user's own: POST of {schema "lifeboat.notification/1", event, title, channel, target, since,
 * report}, the report as `verify --json` prints it. Any 2xx is success.
 */
extern const NotifyType notify_webhook;

#endif
